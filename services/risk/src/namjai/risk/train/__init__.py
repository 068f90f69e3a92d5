"""Trains the classifier from data given by path: `python -m namjai.risk.train --help`."""
