"""Codings: how facts that several people coded are matched and compared.

Imports `ground`, `rules` and `log`.
"""
