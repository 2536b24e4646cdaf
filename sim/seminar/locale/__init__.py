"""The languages of lessons: a catalogue of the texts of all pages for each. Imports the ground."""
