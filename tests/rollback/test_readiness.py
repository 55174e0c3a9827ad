"""Whether the way back is open: old is not live, nothing seen is not good, and the gravest reason stands first."""

from __future__ import annotations

from datetime import timedelta

from app.rollback.needs import Need, needed_back, needed_ever
from app.rollback.planner import plan_back
from app.rollback.readiness import STALE, Readiness, Word, readiness
from app.run import events as e
from app.run.state import Stage as RunStage
from tests.run.stage import KINDS, Stage, book

ROWS = """
- id: p
  steps:
    - id: a
      sql: {db: old, run: "update t set n = 1"}
      changes: reversible
      undo: [{sql: {db: old, run: "update t set n = 0"}}]
    - id: b
      host: {name: web, argv: [switch, new]}
      changes: reversible
      undo:
        - host: {name: web, argv: [switch, old], sudo: app}
          probe: {http: {url: "http://10.0.0.1/side"}, expect: {json.side: == old}}
    - {id: c, local: {argv: [c]}, changes: reversible, undo: {none: harmless}}
"""
ESTATE = """
databases: {old: {url: "postgresql+psycopg://u@db1/x"}, new: {url: "postgresql+psycopg://u@db2/x"}}
hosts: {web: {address: 10.0.0.1}}
artifacts: {dump: {where: /backup/x}}
rollback: {to: start, uses: [dump], verify: [{local: {argv: [sh, -c, verify]}, changes: nothing}]}
"""


def begun() -> Stage:
    stage = Stage(book(ROWS, ESTATE))
    stage.settle_down()
    stage.done("a", "b")
    return stage


def needs(stage: Stage) -> tuple[Need, ...]:
    rows = stage.state.back.rows if stage.state.back is not None else plan_back(stage.state).rows
    return needed_back(stage.state, rows, KINDS)


def ready(stage: Stage) -> Readiness:
    return readiness(stage.state, plan_back(stage.state), stage.now, needs(stage))


def see(stage: Stage, word: str = "ok", *, but: tuple[tuple[str, str, str], ...] = ()) -> None:
    others = {subject: (found, why) for subject, found, why in but}
    looks = tuple((n.subject, *others.get(n.subject, (word, "logged in")), 0) for n in needs(stage))
    stage.record(e.WayBackProbed(looks, 1))


def test_what_the_way_back_needs_follows_from_its_rows_alone() -> None:
    stage = begun()
    assert {n.subject for n in needs(stage)} == {
        "database old",
        "host web as app",
        "10.0.0.1:80",
        "reverse check of b/undo/1",
        "program sh",
    }
    assert next(n for n in needs(stage) if n.name == "old").writes
    stage.record(e.ArtifactMade("dump", "a"))
    assert "artifact dump" in {n.subject for n in needs(stage)}, "once it is made, the rollback uses it"
    assert {n.subject for n in needed_ever(stage.state, KINDS)} >= {n.subject for n in needs(stage)}


def test_nothing_seen_is_not_good_and_everything_seen_is() -> None:
    stage = begun()
    assert ready(stage).word is Word.DEGRADED
    assert "not looked at yet" in ready(stage).reasons[0]
    see(stage)
    assert ready(stage).word is Word.ARMED
    assert ready(stage).reasons[0] == "5 of 5 answer, seen 0 s ago"
    assert "not rehearsed" in ready(stage).reasons
    assert "database old seen 0 s ago" in ready(stage).seen


def test_an_old_look_counts_as_unknown_and_its_age_is_said() -> None:
    stage = begun()
    see(stage)
    stage.go(seconds=12)
    assert "database old seen 12 s ago" in ready(stage).seen
    stage.go(seconds=STALE.total_seconds())
    assert ready(stage).word is Word.DEGRADED
    assert ready(stage).reasons[0].endswith("last seen 57 s ago")
    assert not ready(stage).seen


def test_the_age_of_a_look_that_was_recorded_late_counts_from_the_look() -> None:
    stage = begun()
    stage.record(e.WayBackProbed((("database old", "ok", "logged in", 30_000),)))
    assert stage.now.since(stage.state.probes["database old"].at) == timedelta(seconds=30)


def test_one_that_fails_unarms_and_stands_before_every_caveat() -> None:
    stage = begun()
    see(stage, but=(("host web as app", "bad", "the login was refused"),))
    stage.doubt("c")
    now = ready(stage)
    assert now.word is Word.UNARMED
    assert now.reasons[0] == "host web as app: the login was refused"
    assert "c is in doubt" in now.reasons[1]
    see(stage)
    assert ready(stage).word is Word.DEGRADED, "the doubt is left"


def test_what_is_undone_already_is_needed_no_more() -> None:
    stage = begun()
    see(stage)
    stage.record(e.StepSucceeded("c", 1, "exit 0"))
    stage.roll_back()
    stage.done("b/undo/1")
    assert {n.subject for n in needs(stage)} == {"database old", "program sh"}
    see(stage, but=(("database old", "bad", "no answer"),))
    assert ready(stage).word is Word.ROLLING_BACK
    assert ready(stage).reasons[0] == "database old: no answer"


def test_a_run_that_is_back_says_which_modes_are_still_on() -> None:
    mode = ROWS.replace("- id: a\n", "- id: a\n      enter: [freeze]\n")
    stage = Stage(book(mode, "modes: {freeze: {}}\n" + ESTATE))
    stage.settle_down()
    stage.done("a")
    stage.roll_back()
    stage.record(e.StepCancelled("b", 1, "ended"))
    stage.settle_down()
    stage.done("b/undo/1", "a/undo/1", "rollback/verify/1")
    assert stage.stands(RunStage.ROLLED_BACK)
    assert ready(stage).reasons == ("still on: freeze",)
