"""Many worlds: chunks, workers, a cluster, kept noise and files of events.

Imports the rooms up to `kernel`.
"""
