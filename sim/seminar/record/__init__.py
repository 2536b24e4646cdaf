"""The record of a seminar: events that are only ever added, and the room that they add up to. Each
part of a seminar has events of its own; `Parts` composes them. Imports the ground.
"""
