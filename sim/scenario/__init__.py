"""Scenarios: what a user writes, checked and resolved, with the doctrines that ship.

Imports `ground`, `rules` and `log`.
"""
