"""Hindcasts: forecasts from days of the past, beside rivals that were fitted on the same past.

Imports the rooms up to `learning`; knows nothing of figures and pages.
"""
