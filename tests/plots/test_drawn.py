"""A figure that the tests draw once is the figure, and another one is drawn anew."""

from __future__ import annotations

import drawn
import pytest

from sim import plots


def attention(m: float) -> str:
    row = {"after": "a cut", "asks": "call?", "m": m, "tau_days": 2.0, "routine": 0.1}
    return plots.svg(plots.attention([row], title="T"), prefix="x-")


def test_what_is_drawn_once_is_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, other = attention(1.0), attention(2.0)
    assert plain != other
    times, real = [], plots.attention
    monkeypatch.setattr(drawn, "WRITTEN", {})
    monkeypatch.setattr(plots, "attention", lambda *a, **k: times.append(1) or real(*a, **k))
    with drawn.once():
        assert [attention(m) for m in (1.0, 2.0, 1.0, 2.0)] == [plain, other, plain, other]
    assert len(times) == 2
    assert [attention(m) for m in (1.0, 1.0)] == [plain, plain]
    assert len(times) == 4


def test_a_figure_that_is_looked_at_is_there() -> None:
    row = {"after": "a cut", "asks": "call?", "m": 1.0, "tau_days": 2.0, "routine": 0.1}
    with drawn.once():
        assert str(plots.attention([row], title="Words").get_label()).startswith("Words")


def test_what_is_never_drawn_says_which_figure_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "attention", lambda *_, **__: pytest.fail("it is drawn"))
    with drawn.never():
        one, other, again = (attention(m) for m in (1.0, 2.0, 1.0))
    assert one == again != other


def test_what_is_never_drawn_can_be_looked_at() -> None:
    row = {"after": "a cut", "asks": "call?", "m": 1.0, "tau_days": 2.0, "routine": 0.1}
    with drawn.never():
        assert str(plots.attention([row], title="Words").get_label()).startswith("Words")
