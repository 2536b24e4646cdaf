"""Which figures there are, and what of a result each of them shows.

Imports the rooms up to `results`, and `plots`, which draws.
"""
