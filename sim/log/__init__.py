"""The log: events, the rulebook, and the states that a log implies.

Imports `ground` and `rules`.
"""
