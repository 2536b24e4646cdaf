"""Coding: logs from sheets and public data, sheets from logs, and several codings compared.

Imports `ground`, `rules` and `log`.
"""
