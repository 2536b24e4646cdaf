"""The seminar's pages over HTTP: a thin adapter. It alone draws secrets, and it alone looks at the
clock. Imports the seminar, and the pages of `report`.
"""
