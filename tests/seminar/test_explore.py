"""What-ifs for one person: who gets in, what is refused, what is kept, and what is exported."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from exploring import exploring
from lessons import CHANNEL, lesson
from rooms import until
from warm import kernels

import sim
from sim.scenario.scenario import Scenario
from sim.seminar.lesson.block import load_scenario
from sim.seminar.lesson.sliders import Slider
from sim.seminar.web.explore import Alone, Explored
from sim.seminar.web.guard import MAX_BODY, Buckets
from sim.seminar.web.person import Person
from sim.seminar.what_if import finding
from sim.seminar.what_if.finding import path_of
from sim.seminar.what_if.inserting import INSERTED
from sim.seminar.what_if.position import scenario_at_position, shipped_position
from sim.seminar.what_if.record import Branches
from sim.seminar.what_if.shipped import base_alone, with_found
from sim.seminar.what_if.world_queue import FIRST
from sim.study.factors import chosen_factors

ROOT = Path(__file__).parents[2]
SIM = [sys.executable, "-c", "from sim.cli.app import main; main()"]
CHANGED = [
    {"remove": "second-call"},
    {
        "set_doctrine": {
            "party": "ITA",
            "doctrine": "conciliatory",
            "from": "2022-03-01",
        }
    },
]


@pytest.fixture(scope="module", name="explored")
def _explored() -> Iterator[Explored]:
    """A small scenario that somebody explores."""
    with exploring(load_scenario(lesson())) as made:
        yield made


def stranger(explored: Explored) -> Person:
    """Return somebody who knows the address and no key."""
    return Person(explored.alone.origins[0], "stranger")


@pytest.fixture(name="person")
def _person(explored: Explored) -> Person:
    """Who started it, at the scenario as it ships, with fresh patience."""
    person = stranger(explored)
    person.cookie = person.get(f"/enter?key={explored.alone.key}").cookie
    explored.alone.live.sharing.reset(None)
    explored.alone.live.sharing.lay_aside()
    explored.alone.live.often = Buckets(at_once=50, a_second=50.0)
    return person


# ---------------------------------------------------------------------------------- who may


def test_only_this_computer_is_listened_to(explored: Explored) -> None:
    assert explored.listening.getsockname()[0] == "127.0.0.1"
    assert all(
        re.match(r"http://(127\.0\.0\.1|localhost|\[::1\]):", o) for o in explored.alone.origins
    )


def test_who_has_no_key_sees_nothing(explored: Explored, person: Person) -> None:
    other = stranger(explored)
    pages = ("/", "/what-if", "/what-if/part", "/what-if/export/now.yaml", "/events?page=what-if")
    for path in pages:
        assert other.get(path).status == 403, path
        assert "doctrine" not in other.get(path).body
    for act in ("slide", "remove", "insert", "keep", "drop", "go", "beside", "why", "reset"):
        assert other.post(f"/what-if/{act}", {"s0": "1"}).status == 403, act
    for key in ("", "x", "%00", "%C3%BC", explored.alone.key[:-1], explored.alone.key.lower()):
        assert other.get(f"/enter?key={key}").status == 403
    assert person.get("/what-if").status == 200  # the control
    assert person.get("/").place == "/what-if"


def test_the_key_that_opens_the_browser_works_once(explored: Explored, person: Person) -> None:
    once, other = explored.alone.once, stranger(explored)
    first = other.get(f"/enter?key={once}")
    assert (first.status, first.place) == (303, "/what-if")
    other.cookie = first.cookie
    assert other.get("/what-if").status == 200
    assert stranger(explored).get(f"/enter?key={once}").status == 403
    assert stranger(explored).get("/enter?key=").status == 403
    assert stranger(explored).get(f"/enter?key={explored.alone.key}").status == 303


def test_the_cookie_is_for_this_page_alone(explored: Explored) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", explored.listening.getsockname()[1])
    connection.request("GET", f"/enter?key={explored.alone.key}")
    told = (connection.getresponse().getheader("set-cookie") or "").lower()
    connection.close()
    assert "httponly" in told
    assert "samesite=strict" in told


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": ""}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_other_hosts_and_pages_are_refused(
    explored: Explored, person: Person, headers: dict[str, str], status: int
) -> None:
    before = explored.alone.live.sharing.now
    assert person.post("/what-if/slide", {"s0": "1"}, headers).status == status
    assert explored.alone.live.sharing.now == before
    assert person.post("/what-if/slide", {"s0": "1"}).status == 303  # the control


# ---------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("act", "form", "words"),
    [
        ("slide", {"s0": "9"}, "must lie between"),
        ("slide", {"s0": "inf"}, "Give the value as a number"),
        ("slide", {"s77": "1"}, "no such slider"),
        ("remove", {"event": "../../etc/passwd"}, "must be an id of lower-case letters"),
        ("move", {"event": "the-cut", "to": "9999-99-99"}, "the year must lie in"),
        ("insert", {"kind": "<script>", "date": "2021-02-02"}, "cannot be inserted here"),
        ("insert", {"kind": "escalation", "date": "2021-02-02"}, "Give the severity as a number"),
        ("insert", {"kind": "escalation", "date": "2021-02-02", "severity": "2"}, "severity"),
        ("insert", {"kind": "released", "date": "2021-02-02", "people": "-1"}, "how many people"),
        (
            "insert",
            {"kind": "released", "date": "2021-02-02", "people": "1", "holder": "FRA USA"},
            "Choose from the list",
        ),
        (
            "insert",
            {"kind": "released", "date": "2021-02-02", "people": "999999", "holder": "FRA ITA"},
            "1 to 1,000 people",
        ),
        ("insert", {"kind": "treaty_resumed", "date": "2021-02-02", "treaty": "<b>"}, "Choose"),
        ("insert", {"kind": "exchange", "date": "x", "people": "1", "pair": "FRA ITA"}, "date"),
        ("undo", {"place": "7"}, "no such change"),
        ("keep", {"name": "\x00"}, "Give the branch a name"),
        ("go", {"branch": "now"}, "Give the branch as a whole number"),
        ("drop", {"branch": "5"}, "no such branch"),
        ("beside", {"left": "now", "right": "now"}, "two different ones"),
        ("beside", {"left": "-1", "right": "0"}, "Give the branch as a whole number"),
        ("why", {"outcome": "no-such"}, "with yes or no"),
        ("find", {"outcome": "no-such"}, "Ask about one of the outcomes"),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(
    explored: Explored, person: Person, act: str, form: dict[str, str], words: str
) -> None:
    sharing = explored.alone.live.sharing
    before, kept = sharing.now, sharing.keeping.branches
    answer = person.post(f"/what-if/{act}", {**form, "live": "1"})
    assert answer.status == 422
    assert words in json.loads(answer.body)["problem"]
    assert words in person.post(f"/what-if/{act}", form).body
    assert (sharing.now, sharing.keeping.branches) == (before, kept)


def test_there_is_no_class_and_no_way_to_files(explored: Explored, person: Person) -> None:
    for path in ("/teacher", "/room", "/log", "/what-if/board", "/static/../explore.py"):
        assert person.get(path).status == 404, path
    assert person.post("/what-if/everybody", {"may": "1"}).status == 404
    for number in ("x", "..%2F..%2Fsecret", "99", "-1"):
        answer = person.get(f"/what-if/export/{number}.yaml")
        assert answer.status in (404, 422), number
    assert person.post("/what-if/keep", {"name": "x" * MAX_BODY}).status == 413
    seen = re.sub(r"<[^>]+>", " ", person.get("/what-if").body).replace(explored.alone.title, "")
    assert "Move a slider" in seen
    assert not re.findall(r"\b(teacher|class|lesson|room)\b", seen)


def test_a_mistake_leads_back_to_the_page(person: Person) -> None:
    assert 'href="/what-if"' in person.get("/what-if/export/x.yaml").body


# ---------------------------------------------------------------------------------- what it does


def test_each_kind_can_be_inserted_from_the_page(explored: Explored, person: Person) -> None:
    sharing, body = explored.alone.live.sharing, person.get("/what-if").body
    for kind in INSERTED:
        assert f'<option value="{kind}">' in body
        form = {"kind": kind, "date": "2021-04-01", "by": "ITA", "severity": "0.4", "people": "2"}
        form |= {"holder": "ITA FRA", "pair": "FRA ITA", "treaty": "the treaty"}
        assert person.post("/what-if/insert", form).status == 303, kind
        kinds = {c.insert.kind for c in sharing.now.position.changes if c.insert is not None}
        assert kinds == {"released" if kind == "exchange" else kind}
        assert len(sharing.now.position.changes) == (2 if kind == "exchange" else 1)
        person.post("/what-if/reset", {})


def test_an_exchange_that_is_refused_is_not_half_there(explored: Explored, person: Person) -> None:
    sharing = explored.alone.live.sharing
    for day in range(1, 30):
        form = {"kind": "call_held", "date": f"2021-04-{day:02}"}
        assert person.post("/what-if/insert", form).status == 303
    before = sharing.now.position
    form = {"kind": "exchange", "date": "2021-05-01", "people": "1", "pair": "FRA ITA"}
    assert "30 changes" in person.post("/what-if/insert", form).body
    assert sharing.now.position == before


def test_two_positions_lie_side_by_side_and_one_moves(explored: Explored, person: Person) -> None:
    sharing = explored.alone.live.sharing
    assert person.post("/what-if/beside", {"left": "0", "right": "now"}).status == 303
    assert person.post("/what-if/slide", {"s0": "1.5"}).status == 303
    assert sharing.now.beside == (0, -1)

    def two() -> bool:
        body = person.get("/what-if").body
        return body.count("<svg") == 2 and "seeks contact: 1.5" in body

    assert until(two, 120)
    person.post("/what-if/keep", {"name": "Warmer"})
    number = str(sharing.keeping.branches.last)
    assert person.post("/what-if/beside", {"left": number, "right": "0"}).status == 303
    person.post("/what-if/slide", {"s0": "0.5"})  # none of the two: it is shown alone
    assert sharing.now.beside is None
    person.post("/what-if/drop", {"branch": number})
    assert sharing.keeping.branches == Branches({}, int(number))


def test_a_slider_that_goes_back_shows_what_was_drawn(explored: Explored, person: Person) -> None:
    """A position that is remembered is not drawn anew, and the page follows all the same."""
    live = explored.alone.live
    for value in ("1", "0"):
        assert person.post("/what-if/slide", {"s1": value}).status == 303
        assert until(live.is_drawn, 60)
        assert until(lambda: int(live.parts()["version"]) == live.sharing.now.version)
    person.post("/what-if/slide", {"s1": "1"})
    assert int(live.parts()["version"]) == live.sharing.now.version


def test_nothing_is_written(
    explored: Explored, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    person.post("/what-if/keep", {"name": "Kept"})
    person.get("/what-if/export/now.yaml")
    assert [*tmp_path.rglob("*")] == []


def test_an_export_is_a_scenario_that_runs(person: Person, tmp_path: Path) -> None:
    person.post("/what-if/slide", {"s0": "1.5"})
    for form in (
        {"kind": "exchange", "date": "2021-04-01", "people": "2", "pair": "FRA ITA"},
        {"kind": "escalation", "date": "2022-02-01", "by": "ITA", "severity": "0.4"},
    ):
        assert person.post("/what-if/insert", form).status == 303
    assert person.post("/what-if/remove", {"event": "the-cut"}).status == 303
    answer = person.get("/what-if/export/now.yaml")
    assert answer.status == 200
    path = tmp_path / "what-if.yaml"
    path.write_text(answer.body, encoding="utf-8")
    assert len(load_scenario(path).changes) == 4
    assert sim.run(path, replications=20, workers=1).replications == 20


# ---------------------------------------------------------------------------------- scenarios


def scenario(**changes: object) -> Scenario:
    """Return the small scenario without its lesson."""
    data = lesson()
    del data["seminar"]
    return load_scenario({**data, **changes})


def test_a_scenario_s_own_changes_are_the_start_and_can_be_undone() -> None:
    base = base_alone(scenario(changes=CHANGED))
    start = shipped_position(base)
    assert len(start.changes) == 2
    assert scenario_at_position(base, start).changes == start.changes
    assert "second-call" in {e.id for e in base.events}  # it can be put back, and moved instead
    assert [c.remove for c in start.without(base, 1).changes] == ["second-call"]


@pytest.mark.parametrize("name", ["before-the-war", "learned-article", "whatif-channel-leaks"])
def test_it_takes_scenarios_of_every_sort(name: str) -> None:
    """Without a history, with the weights of a fit, and with many changes of their own."""
    given = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    base = base_alone(given)
    start = shipped_position(base)
    assert scenario_at_position(base, start).changes == given.changes
    for n, slider in enumerate(base.sliders):
        for end in (slider.start, slider.to):
            scenario_at_position(base, start.slid(base, {n: end}))


def test_the_sliders_are_those_that_the_scenario_names() -> None:
    slider = {"title": "Calls", "path": "rates_per_day.call", "from": 0, "to": 1}
    base = base_alone(load_scenario(lesson(what_if={"sliders": [slider]})))
    assert [s.title for s in base.sliders] == ["Calls"]
    assert not base.offered
    assert base.channel == CHANNEL
    assert base.asked == {}


# ---------------------------------------------------------------------------------- the command


@pytest.mark.slow
def test_the_command_serves_and_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    kernels()  # it would say that it compiles them
    path = ROOT / "scenarios" / "new-delhi.yaml"
    running = subprocess.Popen(
        [*SIM, "explore", str(path), "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
    )
    try:
        assert running.stdout is not None
        lines = iter(running.stdout.readline, "")
        address = next(line.split()[1] for line in lines if line.startswith("Open"))
        base, _, key = address.partition("/enter")
        person = Person(base, "person")
        person.cookie = person.get(f"/enter{key}").cookie
        assert "How readily RUS seeks contact" in person.get("/what-if").body
    finally:
        running.terminate()
        _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert said == ""
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_the_first_page_needs_neither_figures_nor_the_kernel() -> None:
    heavy = ("matplotlib", "polars", "sim.kernel.run")
    code = "import sys, sim.seminar.web.explore, sim.cli.explore, sim.seminar.lesson.block\n"
    code += f"print([m for m in {heavy} if m in sys.modules])\n"
    code += f"import sim.seminar.web.serve\nprint([m for m in {heavy[:2]} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]  # of a room, which runs worlds beforehand


def test_until_worlds_are_drawn_the_page_says_so() -> None:
    """The first message has no chart, which would take away what the page says."""
    alone = Alone(scenario(), ["http://127.0.0.1:1"])
    try:
        alone.live.sharing.drawer.want(())
        told = alone.live.message("what-if")
        assert "values" in told
        assert not {"chart", "table"} & {*told}
        alone.live.renew()
        assert {"chart", "table"} <= {*alone.live.message("what-if")}  # the control
    finally:
        alone.close()


@pytest.mark.parametrize("package", ["uvicorn", "icalendar"])
def test_it_says_which_packages_it_needs(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.cli.seminar import need_packages
    from sim.ground.errors import InputError

    need_packages("explore")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(InputError, match=r"sim explore.*pip install 'backchannel\[seminar\]'"):
        need_packages("explore")


def test_all_first_worlds_come(explored: Explored, person: Person) -> None:
    sharing = explored.alone.live.sharing
    assert sharing.drawer.wait(sharing.now.position, FIRST, 60)
    assert until(lambda: "<svg" in person.get("/what-if").body)


# ---------------------------------------------------------------------------------- ten numbers


@pytest.mark.slow
def test_the_numbers_that_matter_most_become_sliders(
    explored: Explored, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those there were stay where they stand, with the branches that hold them."""
    monkeypatch.setattr(finding, "WORLDS", 20)  # which ten they are is for `test_sensitivity`
    sharing, live = explored.alone.live.sharing, explored.alone.live
    person.post("/what-if/slide", {"s0": "1.5"})
    person.post("/what-if/keep", {"name": "Before"})
    number, before = sharing.keeping.branches.last, len(sharing.base.sliders)
    assert person.post("/what-if/find", {"outcome": "cut"}).status == 303
    assert person.post("/what-if/find", {"outcome": "cut"}).status in (303, 422)
    assert until(lambda: sharing.base.found, 200), sharing.finder.words
    assert not sharing.finder.running
    found = [sharing.base.sliders[n] for n in sharing.base.found]
    assert 5 <= len(found) <= 10
    assert len(sharing.base.sliders) == before + len(found)
    assert sharing.now.position.values[0] == 1.5
    assert until(lambda: f'name="s{before}"' in person.get("/what-if").body)
    body = person.get("/what-if").body
    assert body.index(found[0].title.split(",")[0]) < body.index("The other sliders")
    place = sharing.base.found[0]
    assert person.post("/what-if/slide", {f"s{place}": f"{found[0].to:g}"}).status == 303
    assert until(lambda: live.parts()["version"] == str(sharing.now.version), 60)
    assert not sharing.drawer.problem(sharing.now.position)
    person.post("/what-if/go", {"branch": str(number)})
    assert sharing.now.position.values[0] == 1.5
    assert sharing.now.position.values[place] == shipped_position(sharing.base).values[place]
    person.post("/what-if/drop", {"branch": str(number)})


def test_what_is_found_leads_to_numbers_of_the_scenario() -> None:
    base = base_alone(load_scenario(ROOT / "scenarios" / "new-delhi.yaml"))
    numbers = [f.name for f in chosen_factors(base.scenario)]
    paths = [path_of(base.scenario, n) for n in numbers]
    sliders = [
        Slider(title=n, path=p, start=-1e9, to=1e9) for n, p in zip(numbers, paths, strict=True)
    ]
    wide = with_found(base, sliders)
    own = dict(zip(numbers, wide.shipped[len(base.sliders) :], strict=True))
    for factor in chosen_factors(base.scenario):
        assert own[factor.name] == pytest.approx(factor.own), factor.name
    assert with_found(wide, sliders[:3]).sliders == wide.sliders  # none is made twice
    assert with_found(base, ()) is base
