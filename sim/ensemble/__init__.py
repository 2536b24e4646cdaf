"""Many worlds: chunks, workers, a cluster, files of events.

Imports the rooms up to `kernel`.
"""
