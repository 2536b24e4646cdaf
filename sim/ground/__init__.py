"""What everything stands on: errors, dates, draws, YAML with places, files that are written safely.

Imports no other room.
"""
