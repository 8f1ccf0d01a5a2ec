"""Reads a table, describes each of its columns and writes a cleaned copy."""
