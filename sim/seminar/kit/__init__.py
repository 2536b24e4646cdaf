"""What a teacher takes along, made from a lesson alone: a plan, cards, slides, notes, tests,
homework. Imports all of the seminar but `web`.
"""
