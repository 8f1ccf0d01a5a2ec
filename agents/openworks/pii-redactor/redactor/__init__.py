"""Finds personal data in text and CSV and masks it in place."""
