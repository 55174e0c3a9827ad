"""A card says how far a metric is from a trip by the engine's own rules, and never calls missing data healthy."""

from __future__ import annotations

from pathlib import Path

from app.run.state import RunState
from app.session import Session
from tests.session.conversation import new_run, order, r, until, write
from ui.glyphs import Glyph
from ui.local_time import LOCAL
from ui.models.metric_memory import MetricMemory
from ui.models.metrics import metric_views
from ui.models.metrics import order as card_order
from ui.models.shown import Gaze, look
from ui.tokens import Tone
from ui.widgets.metric_card import MetricView

STEPS = """
- id: p
  title: Cutover
  steps:
    - {id: a, local: {argv: ["true"]}, changes: reversible, undo: [{local: {argv: ["true"]}}]}
    - {id: soak, wait: {for: 1h}}
"""


class Watched:
    """A run with metrics, its record taken in as the window does."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.memory = MetricMemory(session.state)
        self.shown = look(session, Gaze("ana", LOCAL), driving=True)

    def views(self) -> dict[str, MetricView]:
        """How the cards stand now."""
        self.shown = look(self.session, Gaze("ana", LOCAL), driving=True)
        self.memory.take(self.shown.state, self.session.take())
        return metric_views(self.shown, self.memory)

    def card(self, name: str, has: str) -> MetricView:
        """The card of a metric as soon as its distance says this."""

        def so(_state: RunState) -> bool:
            return has in self.views()[name].trip

        until(self.session, so, 30)
        return self.views()[name]


def started(tmp_path: Path, more: str) -> Watched:
    return Watched(new_run(order(write(tmp_path, STEPS, more), tmp_path / "home")))


def metric(name: str, says: str, triggers: str, unit: str = "ms") -> str:
    return (
        f"metrics:\n  {name}: {{title: Load, local: {{argv: {says}}}, every: 200ms, unit: '{unit}'}}\n"
        f"triggers:\n{triggers}rollback: {{to: start, est: 1m}}\n"
    )


def test_below_the_limit_it_says_by_how_much(tmp_path: Path) -> None:
    text = metric("load", "[echo, '49.2']", "  - {id: high, metric: load, when: '> 50%', do: rollback}\n", "%")
    run = started(tmp_path, text)
    try:
        card = run.card("load", "below")
        assert card.trip == "0.8 % below the limit"
        assert (card.glyph, card.word) == (Glyph.WARNING, "near limit")
        assert card.limit == "limit 50 %"
    finally:
        run.session.detach("the test is over")


def test_over_the_limit_it_counts_down_what_the_rule_still_waits_for(tmp_path: Path) -> None:
    text = metric("load", "[echo, '70']", "  - {id: high, metric: load, when: '> 50ms', for: 10m, do: rollback}\n")
    run = started(tmp_path, text)
    try:
        card = run.card("load", "trips in 9:5")
        assert card.trip.endswith("if it stays")
        assert card.trip_tone is Tone.BAD
        assert card.word == "over limit"
        assert card.first_red.startswith("first red ")
    finally:
        run.session.detach("the test is over")


def test_a_trigger_of_another_phase_is_not_about_to_trip(tmp_path: Path) -> None:
    later = "  - {id: high, metric: load, when: '> 50ms', for: 10m, during: [q], do: pause}\n"
    steps = (
        STEPS + "- id: q\n  title: Afterwards\n  steps:\n    - {id: end, local: {argv: ['true']}, changes: nothing}\n"
    )
    path = write(tmp_path, steps, metric("load", "[echo, '70']", later))
    run = Watched(new_run(order(path, tmp_path / "home")))
    try:
        assert run.card("load", "acts only in").trip == "acts only in Afterwards"
    finally:
        run.session.detach("the test is over")


def test_no_data_is_stale_and_says_when_the_run_holds(tmp_path: Path) -> None:
    text = (
        "metrics:\n  load: {local: {argv: [echo, away]}, every: 200ms, no_data: pause}\n"
        "triggers:\n  - {id: high, metric: load, when: '> 50', for: 10m, do: pause}\n"
    )
    run = started(tmp_path, text)
    try:
        card = run.card("load", "holds in")
        assert (card.glyph, card.word, card.tone, card.stale) == (Glyph.STALE, "no data", Tone.IDLE, True)
        assert card.heard == "no data: `away` is no number"
    finally:
        run.session.detach("the test is over")


def test_a_baseline_that_is_not_there_is_said_and_a_measured_one_is_a_band(tmp_path: Path) -> None:
    text = (
        "metrics:\n"
        "  load: {local: {argv: [echo, '40']}, every: 200ms, unit: ms, baseline: {from: T-0, to: T+8s}}\n"
        "triggers:\n  - {id: high, metric: load, when: '> 2x baseline', do: investigate}\n"
    )
    run = started(tmp_path, text)
    try:
        until(run.session, lambda _: run.views()["load"].word in {"not judged yet", "ok"}, 30)
        early = run.views()["load"]
        assert (early.word, early.limit, early.baseline) in {
            ("not judged yet", "look 2\u00d7 baseline", "no baseline yet"),
            ("ok", "look 2\u00d7 = 80 ms", "baseline 40 ms"),
        }
        until(run.session, lambda state: "load" in state.baselines, 30)
        card = run.views()["load"]
        assert (card.word, card.limit, card.baseline) == ("ok", "look 2\u00d7 = 80 ms", "baseline 40 ms")
        assert (card.scale.baseline, card.scale.usual_high, card.scale.limit) == (40.0, 40.0, 80.0)
    finally:
        run.session.detach("the test is over")


def test_without_its_baseline_a_metric_is_never_called_well(tmp_path: Path) -> None:
    text = (
        "metrics:\n"
        "  load: {local: {argv: [echo, '40']}, every: 5s, unit: ms, baseline: {from: T-2s, to: T-1s}}\n"
        "triggers:\n  - {id: high, metric: load, when: '> 2x baseline', do: investigate}\n"
    )
    run = started(tmp_path, text)
    try:
        until(run.session, lambda state: "load" in state.baselines, 30)
        until(run.session, lambda _: run.views()["load"].value == "40", 30)
        card = run.views()["load"]
        assert (card.word, card.tone, card.baseline) == ("cannot be judged", Tone.WARN, "no baseline")
        assert "it takes 3" in card.more
    finally:
        run.session.detach("the test is over")


def test_a_first_red_stays_with_its_length_until_it_is_acknowledged(tmp_path: Path) -> None:
    counts = "[sh, -c, 'echo x >> n; [ $(wc -l < n) -lt 4 ] && echo 70 || echo 5']"
    counts = counts.replace("n;", f"{tmp_path}/n;").replace("< n", f"< {tmp_path}/n")
    text = metric("load", counts, "  - {id: high, metric: load, when: '> 50ms', for: 10m, do: rollback}\n")
    run = started(tmp_path, text)
    try:
        card = run.card("load", "below")
        assert card.tone is Tone.OK
        assert card.first_red.partition(", ")[2].endswith(" s")
        run.session.send(r.Acknowledge("ana", "load"))
        until(run.session, lambda _: run.views()["load"].first_red == "", 30)
    finally:
        run.session.detach("the test is over")


def test_a_shadow_is_never_red(tmp_path: Path) -> None:
    shadow = "  - {id: high, metric: load, when: '> 50ms', for: 10m, do: rollback, shadow: true}\n"
    run = started(tmp_path, metric("load", "[echo, '70']", shadow))
    try:
        card = run.card("load", "shadow trips in 9:5")
        assert card.tone is Tone.WARN
        assert card.limit == "shadow 50 ms"
        assert card.first_red == ""
    finally:
        run.session.detach("the test is over")


def test_red_cards_come_first_then_those_near_a_limit() -> None:
    def view(tone: Tone) -> MetricView:
        return MetricView("a", "1", "", Glyph.DONE, "ok", tone)

    views = {"a": view(Tone.OK), "b": view(Tone.WARN), "c": view(Tone.IDLE), "d": view(Tone.BAD)}
    assert card_order(views) == ["d", "b", "a", "c"]


def test_the_window_trips_when_the_engine_does(tmp_path: Path) -> None:
    text = metric("load", "[echo, '70']", "  - {id: high, metric: load, when: '> 50ms', for: 1s, do: investigate}\n")
    run = started(tmp_path, text)
    try:
        state = until(run.session, lambda s: "high" in s.triggers, 30)
        run.views()
        held, n = run.memory.rules.over_for("high")
        assert n >= state.triggers["high"].n
        assert held.total_seconds() * 1000 >= state.triggers["high"].span_ms - 1
        assert run.memory.rules.follows(run.shown.state, "load", run.shown.now) is None
        assert run.views()["load"].trip.startswith("fired ")
    finally:
        run.session.detach("the test is over")
