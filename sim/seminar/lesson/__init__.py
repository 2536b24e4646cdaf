"""The lesson: its rounds, ballots, scores and course. Imports the record, the role play, and the
rooms below the seminar.
"""
