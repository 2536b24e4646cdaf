"""The `sim` command.

Imports every other room.
"""
