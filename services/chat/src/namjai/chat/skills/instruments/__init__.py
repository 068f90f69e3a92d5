"""Questionnaires: forms as data, one question at a time, scored by their publishers' rules; never a diagnosis."""
