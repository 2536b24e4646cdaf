"""The model, written to be read: a scenario as arrays, one world in SimPy, and what-ifs.

Imports `ground`, `rules`, `log` and `scenario`.
"""
