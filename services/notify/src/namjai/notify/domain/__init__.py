"""Decisions of the notify service, without I/O and without a clock."""
