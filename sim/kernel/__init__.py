"""The model again, compiled: many worlds at once, equal to `model` to the last bit.

Imports `ground`, `rules`, `log`, `scenario` and `model`.
"""
