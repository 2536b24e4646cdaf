"""The rules: what follows from numbers, each written once for everybody who needs it.

Imports nothing but `exp` and `log` of `ground`.
"""
