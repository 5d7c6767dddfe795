"""Scores the checker on labelled public code, beside other tools."""
