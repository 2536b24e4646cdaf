"""A role play: teams, their questions, and the worlds of their tables. Imports the record, and the
rooms below the seminar.
"""
