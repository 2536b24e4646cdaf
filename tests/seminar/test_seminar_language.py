"""The languages of lessons: each catalogue is whole, and each page speaks the lesson's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from catalogue import MARKS, Texts, bracketed, catalogue, marked, said, written
from lessons import DAYS, lesson
from plays import play_lesson
from rooms import served
from spoken import (
    NAMES,
    REASON,
    Page,
    other_pages,
    pages_in_disguise,
    pages_of_play,
    pages_of_rounds,
    pages_over_days,
)
from warm import kernels
from worn import worn_lesson

from sim.ground.errors import InputError
from sim.ground.language import language, ngettext, percent, speaking
from sim.report.pages import environment
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.plan import plan_of
from sim.seminar.locale import catalogues
from sim.seminar.locale.catalogues import language_of, languages
from sim.seminar.web.filling import filled
from sim.seminar.web.person import Person
from sim.seminar.web.rehearsal import rehearse

OTHERS = languages()[1:]
INVENTED = "eo"
"""A language of the tests: every text stands in brackets."""


# ---------------------------------------------------------------------------------- the catalogue


def missing(told: dict[Texts, Texts]) -> set[Texts]:
    """The texts that a catalogue does not have, or has without a sure translation."""
    return {text for text in marked() if not (told.get(text) and all(told[text]))}


@pytest.mark.parametrize("code", OTHERS)
def test_the_catalogue_has_every_text_and_no_other(code: str) -> None:
    told = catalogue(code)
    assert len(marked()) > 850
    assert missing(told) == set()
    assert {*told} - marked() == set()
    one = min(marked())
    assert missing({k: v for k, v in told.items() if k != one}) == {one}  # the control
    assert missing({**told, one: ("",)}) == {one}


def test_what_is_marked_is_found() -> None:
    known = {form for text in marked() for form in text}
    assert set(written()) - known == set()  # the extractor skips f-strings


@pytest.mark.parametrize("code", OTHERS)
def test_places_and_tags_are_the_same_in_both(code: str) -> None:
    def apart(text: Texts, told: Texts) -> bool:
        return {*MARKS.findall(text[-1])} != {*MARKS.findall(told[-1])} or any(
            not {*MARKS.findall(form)} <= {*MARKS.findall(text[-1])} for form in told
        )

    assert [text for text, told in catalogue(code).items() if apart(text, told)] == []
    assert apart(("{n} of {most}",), ("{n} sur {plus}",))  # the control


def test_french_has_its_own_signs() -> None:
    flat = "\n".join(form for told in catalogue("fr").values() for form in told)
    bare = re.sub(r"<[^>]*>", "", flat)
    assert re.findall(r"\w'\w|[“”]| [:;?!»]| %(?!\()|« ", bare) == []
    assert not re.search(r"\b(?:tu|toi|ton|tes)\b", bare)


def test_numbers_follow_the_language() -> None:
    with speaking(language_of("fr")):
        assert percent("12.5") == "12,5\u00a0%"
        assert ngettext("{n} day later", "{n} days later", 12_000) == "12\u202f000 jours plus tard"
        assert ngettext("{n} day later", "{n} days later", 1) == "1 jour plus tard"
    assert percent("12.5") == "12.5 %"
    assert language().code == "en"


def test_a_page_has_the_decimal_sign_of_its_own_language_whichever_was_first() -> None:
    environment.cache_clear()
    for code, sign in (("fr", ","), ("en", "."), ("fr", ",")):
        with speaking(language_of(code)):
            page = bytes(filled("problem.html", problem="").body).decode()
        assert f'data-decimal="{sign}"' in page


def test_a_language_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    assert languages()[0] == "en"
    with pytest.raises(InputError) as error:
        load_scenario(lesson(language="tlh"))
    assert "seminar.language: must be one of en, fr (got tlh)" in str(error.value)


# ---------------------------------------------------------------------------------- the pages


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    """All pages in the language of the tests."""
    folder = tmp_path_factory.mktemp("locale")
    bracketed(folder, INVENTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogues, "FOLDER", folder)
        return [*every(tmp_path_factory.mktemp("rooms"), INVENTED)]


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    """All pages in French."""
    return [*every(tmp_path_factory.mktemp("french"), "fr")]


def every(folder: Path, code: str) -> Iterator[Page]:
    """Give every page of lessons in a language."""
    kernels()
    for name, pages in (
        ("rounds", pages_of_rounds),
        ("play", pages_of_play),
        ("disguise", pages_in_disguise),
        ("days", pages_over_days),
    ):
        (folder / name).mkdir()
        yield from pages(folder / name, code)
    yield from other_pages(code)


def outside(text: str) -> str:
    """What of a text stands in no brackets."""
    deep, found = 0, ""
    for letter in text:
        deep += letter == "⟦"
        found += letter if deep == 0 else ""
        deep -= letter == "⟧"
    return found


def doctrines() -> list[str]:
    """What the doctrines of the lessons say of themselves."""
    found = load_scenario(lesson()).doctrines.values()
    return [f"{d.title} {d.reasons}" for d in found]


ELSE = "Gus Qwop FRA ITA USA RUS http"
OWN = " ".join(
    map(str, (lesson(), play_lesson(), worn_lesson(), DAYS, doctrines(), NAMES, REASON, ELSE))
)
"""What a scenario, a class and a program call by names of their own."""
CODE = re.compile(r"\b[A-Z0-9]{6}\b|\bhttp\S+")
"""The code of a room, and an address."""
WORD = re.compile(r"[^\W\d_]{2,}")
NAMED = {w.lower() for w in WORD.findall(OWN)}


def unmarked(page: str) -> set[str]:
    """The words of a page that are in no catalogue, and are not the lesson's own."""
    page = re.sub(r'<p class="word">.*?</p>', "", page)  # by which somebody comes back
    told, named = said(page)
    bare = [outside(text) for text in (" ".join(told), *named)]
    words = {w.lower() for text in bare for w in WORD.findall(CODE.sub("", text))}
    named_there = {w.lower() for c in language_of(INVENTED).countries.values() for w in c.split()}
    return words - NAMED - named_there


def test_no_page_says_what_no_catalogue_has(invented: list[Page]) -> None:
    assert len(invented) > 150
    found = {where: unmarked(page) for where, page in invented}
    assert {where: words for where, words in found.items() if words} == {}
    where, page = invented[0]
    assert unmarked(page.replace("⟦", "", 1)) != set(), where  # the control


@cache
def english_texts() -> list[tuple[str, str]]:
    """The English texts that are others in French, each with a part of four words or more by which
    it is known, or with none."""
    found = []
    for text, french in catalogue("fr").items():
        for form in {*text} - {*french}:
            bare = re.sub(r"<[^>]*>", "", form)
            longer = max(re.split(MARKS, bare), key=len).strip(" .:,;?“”()")
            found.append((form, longer.replace("%%", "%") if len(longer.split()) > 3 else ""))
    return found


def english(page: str) -> set[str]:
    """The English texts of the catalogue that a French page holds all the same."""
    told = [text for some in said(page) for text in some]
    flat = " ".join(told)
    found = {
        form
        for form, part in english_texts()
        if (part and part in flat) or (form in told and len(form) > 2)
    }
    return found - {"open", "The channel is open", "One of them cuts contact"}


@pytest.mark.slow
def test_a_french_lesson_is_french_on_every_page(french: list[Page]) -> None:
    assert all('<html lang="fr"' in page for _, page in french if page.startswith("<!DOCTYPE"))
    assert {w: found for w, p in french if (found := english(p))} == {}
    assert english("<p>What happened</p>") == {"What happened"}  # the control


def test_two_rooms_speak_two_languages_at_once(tmp_path: Path) -> None:
    rooms = {}
    for code in ("en", "fr"):
        (tmp_path / code).mkdir()
        rooms[code] = served(tmp_path / code, plan_of(load_scenario(lesson(language=code))))
    with rooms["en"] as english_room, rooms["fr"] as french_room:
        for _turn in range(3):
            for opened, words in ((english_room, "Room code"), (french_room, "Code de la salle")):
                door = Person(opened.room.address, "one").get("/").body
                assert f">{words}</label>" in door
    assert language().code == "en"


def test_a_role_play_in_another_language_is_rehearsed() -> None:
    """What a rehearsal looks for on pages is in no language."""
    made = plan_of(load_scenario(play_lesson({"language": "fr"}, tables=1)))
    assert rehearse(made, 4).failures == []
