"""Questions and their answers, in memory: runs, comparisons, why, sweeps, verification.

Imports the rooms up to `galleries`.
"""
