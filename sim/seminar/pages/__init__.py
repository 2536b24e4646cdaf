"""What the pages show and what a teacher takes home, as plain values and text. Imports all of the
seminar but `web`.
"""
