"""What a run gave: its answers, tables and sample worlds, in memory.

Imports the rooms up to `ensemble`, and `learning` for what an answer over a fit rests on.
"""
