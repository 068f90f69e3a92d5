"""Answers to questions that are nobody's own: written once, kept in two levels, renewed before they are old."""
