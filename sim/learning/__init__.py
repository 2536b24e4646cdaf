"""Learning: the weights of doctrines from a coded log, with what the log does not say.

The likelihood is the simulator's own, and the draws are keyed as those of a run. Imports lower
rooms only; knows nothing of pages.
"""
