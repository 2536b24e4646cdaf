"""A role play under load: at many tables, whoever is asked votes at once.

    python benchmarks/seminar_play_load.py --students 80 --tables 12

Starts `sim seminar` as its own process. `vote` is the time from a vote to its acknowledgement,
`page` from a vote to the page of each member of the team that shows it, and `closed` from a team's
last vote to its pages that have gone on. The server is killed with SIGKILL at the end; exit code 1
if a vote that was acknowledged is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from seminar_load import Client, Times, joined, report, running

from sim.seminar.play.record import Voted
from sim.seminar.record.store import Store
from sim.seminar.what_if.whole import SEMINAR

SCENARIO = Path(__file__).parents[1] / "scenarios" / "seminar-play.yaml"
LESSON = """
extends: {scenario}
seminar:
  play: {{tables: {tables}, questions: {questions}}}
"""
TEAM = re.compile(r"You decide for <strong>(\w+)</strong>, at table (\d+)")
QUESTION = re.compile(r'id="yes-(\d+)".*?(\d+) of \d+ have voted', re.DOTALL)


class Play:
    """What a class that plays sees and sends."""

    def __init__(self) -> None:
        self.times: Times = {k: [] for k in ("join", "push", "vote", "page", "closed")}
        self.sent: dict[object, list[float]] = defaultdict(list)
        """When each vote of a team on a question was sent."""
        self.kept: dict[tuple[str, int], bool] = {}
        """What was acknowledged, by the student's name and the question."""

    async def student(self, number: int, person: Client) -> None:
        """Vote on whatever is asked, until the table is at its end."""
        asked, shown = -1, 0
        while True:
            person.pushed.clear()
            await person.request("GET", "/room/part")
            now, team = time.perf_counter(), TEAM.search(person.text)
            assert team is not None, person.text[:2_000]
            found = QUESTION.search(person.text)
            at, cast = (int(found[1]), int(found[2])) if found else (-1, 0)
            before = self.sent[team.groups(), asked]
            if asked == at:
                self.times["page"] += [1000 * (now - t) for t in before[shown:cast]]
                shown = max(shown, cast)
            elif asked >= 0:
                self.times["closed"].append(1000 * (now - before[-1]))
            if "come to the end" in person.text:
                return
            if at >= 0 and at != asked:
                shown = cast
                await self._vote(
                    person, at, "yes" if number % 3 else "no", self.sent[team.groups(), at]
                )
            else:
                await person.pushed.wait()
            asked = at

    async def _vote(self, person: Client, at: int, answer: str, sent: list[float]) -> None:
        begun = time.perf_counter()
        sent.append(begun)
        status, _ = await person.request(
            "POST", "/play/vote", {"number": str(at), "answer": answer}
        )
        if status == 303:
            self.kept[person.name, at] = answer == "yes"
            self.times["vote"].append(1000 * (time.perf_counter() - begun))

    async def run(
        self, server: subprocess.Popen[str], told: list[str], students: int, tables: int
    ) -> None:
        """Play to the end, and kill the server."""
        base, code, key = told
        teacher, people, listening = await joined(base, code, key, students, self.times)
        steps = {"-1-before": "play-instruct", "play-instruct": "play-play"}
        for seen, place in steps.items():
            begun = time.perf_counter()
            form = {"seen": seen, "tables": str(tables)}
            status, _ = await teacher.request("POST", "/teacher/advance", form)
            assert status == 303, status
            while not all(place in p.told for p in people):
                await asyncio.sleep(0.01)
            self.times["push"] += [1000 * (p.told[place] - begun) for p in people]
        pushes, begun = sum(p.pushes for p in people), time.perf_counter()
        await asyncio.gather(*(self.student(n, p) for n, p in enumerate(people)))
        took, pushes = time.perf_counter() - begun, sum(p.pushes for p in people) - pushes
        print(f"{len(self.kept)} votes and {pushes} pushes in {took:.1f} s")
        os.kill(server.pid, signal.SIGKILL)
        for task in listening:
            task.cancel()


def main() -> None:
    """Measure, check and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--students", type=int, default=80)
    parser.add_argument("--tables", type=int, default=12)
    parser.add_argument("--questions", type=int, default=6)
    chosen = parser.parse_args()
    played = Play()
    with TemporaryDirectory() as folder:
        lesson = Path(folder) / "lesson.yaml"
        lesson.write_text(
            LESSON.format(scenario=SCENARIO, tables=chosen.tables, questions=chosen.questions)
        )
        with running(lesson, folder) as (server, told):
            asyncio.run(played.run(server, told, chosen.students, chosen.tables))
        store = Store(Path(folder) / "record.sqlite", SEMINAR)
        record = store.read()
        store.close()
    names = {n: s.name for n, s in SEMINAR.room_of(record).students.items()}
    votes = [r.event for r in record if isinstance(r.event, Voted)]
    there = {(names[e.student], e.number): e.yes for e in votes}
    lost = [key for key, yes in played.kept.items() if there.get(key) is not yes]
    print(f"{chosen.students} students at {chosen.tables} tables, {len(lost)} votes lost")
    report(played.times)
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
