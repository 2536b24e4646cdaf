"""Pooling: what many pairs of governments say of one that nobody has looked at.

Each pair has intercepts of its own, one for each act; slopes are common. Imports the rooms up to
`hindcast`; knows nothing of pages.
"""
