"""Measures the screener against labelled texts: `python -m namjai.risk.evaluate --help`."""
