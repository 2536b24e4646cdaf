"""What is in a kit: the name of each file, and what its first page says of it."""

from __future__ import annotations

from collections.abc import Collection

from sim.seminar.kit.homework import CHANGED, SCENARIO, WEIGHED
from sim.seminar.kit.questionnaire import FORMS

LENGTHS = (45, 90)
"""Minutes of the lessons that are planned."""
INDEX, RECORD = "index.html", "kit.json"
CARDS = "before/role-cards-before.html"
LATER_CARDS = "teacher/role-cards-when-the-play-begins.html"
TESTS = {form: f"before/test-{form.lower()}-without-answers.html" for form in FORMS}
PLAN, NOTES = "teacher/plan-for-the-teacher.html", "teacher/notes-with-answers.html"
SLIDES, PRINTED = "teacher/slides-with-answers.html", "teacher/slides-with-answers.pdf"
ANSWERS, ANSWERS_CSV = "teacher/test-answers.html", "teacher/test-answers.csv"
SHORTER = {n: f"teacher/lesson-of-{n}-minutes.yaml" for n in LENGTHS}
HOMEWORK, MEMORY = "after/homework-after.html", "after/what-did-you-say-after.html"
READING = "after/reading-list-after"
FOLDERS = {
    "before": "For students, before the lesson. Nothing here says what happens.",
    "teacher": "For you only.",
    "after": "For students, after the lesson. Everything here says what happened.",
}
"""What each folder is for."""
SAID = {
    CARDS: ("Role cards", "One on a page, to print and to cut."),
    LATER_CARDS: ("Role cards", "Hand them out when the play begins: they tell what was asked."),
    TESTS["A"]: ("Test, form A", "Ten questions, 10 minutes. Before or after the lesson."),
    TESTS["B"]: ("Test, form B", "The same topics in other words, for the other time."),
    PLAN: ("Plan by the minute", "For 45 and for 90 minutes, with what is left out, and why."),
    SHORTER[45]: ("The lesson of 45 minutes", "Open the room with it: it is made shorter."),
    SHORTER[90]: ("The lesson of 90 minutes", "Open the room with it: it is made shorter."),
    SLIDES: ("Slides", "In a browser; arrows and space go on and back."),
    PRINTED: ("Slides as PDF", "The same slides, one on a page."),
    NOTES: ("Notes with the answers", "What is right and why, and what usually goes wrong."),
    ANSWERS: ("Answers to the test", "With reasons and literature, and how to mark."),
    ANSWERS_CSV: ("Answers as a table", "CSV, for a spreadsheet."),
    HOMEWORK: ("Homework", "With its scenarios in the same folder, and how it is marked."),
    MEMORY: ("What did you say?", "A sheet on hindsight, a day or more after the lesson."),
    f"{READING}.html": ("Reading list", "The sources of the log. Also as .md, .bib and .json."),
}
"""What the first page says of each file."""
KNOWN = (
    *(INDEX, *SAID, *(f"{READING}.{end}" for end in ("md", "bib", "json"))),
    *(f"after/{name}" for name in (SCENARIO, CHANGED, WEIGHED)),
)
"""Every file that a kit may have, but for its record."""


def contents(files: Collection[str]) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """List what each folder holds: names, paths, and what is said of them."""
    return [
        (
            folder,
            about,
            [
                (name, path, said)
                for path, (name, said) in SAID.items()
                if path in files and path.startswith(f"{folder}/")
            ],
        )
        for folder, about in FOLDERS.items()
    ]
