"""The seminar: a class forecasts, round by round. Its rooms are, lowest first, `record`, `play`,
`lesson`, `what_if`, `pages`, `kit` and `web`, a thin adapter. Imports every room but `cli`.
"""
