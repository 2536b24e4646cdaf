"""Answers in folders and on pages: what is written, and how it is worded.

Imports the rooms up to `study`.
"""
