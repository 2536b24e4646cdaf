"""Coding: logs from sheets and from public data, and sheets from logs.

Imports `ground` and `log`.
"""
