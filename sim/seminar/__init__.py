"""The seminar: a class forecasts, round by round. Lessons, answers, scores and their record are
plain values; `web` is a thin adapter that shows them. Imports every room but `cli`.
"""
