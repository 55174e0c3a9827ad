"""Attempts that are stopped, settled, silent or ruled: the target is told, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.engine import attempts, performer
from app.errors import TargetUnreachable
from app.run import events as e
from app.run import requests as r
from app.run.outcome import Outcome, Verdict
from app.run.state import Status
from tests.engine.bench import Puppet, bench

pytestmark = pytest.mark.anyio
ONE = """
- id: p
  steps:
    - {id: a, local: {argv: [x]}, changes: reversible, undo: {none: "harmless"}}
"""
STARTED = e.StepStarted("a", 1, "r1/a/1", "local", "x", "d", "local")
GONE = (e.ConsoleLost(1, 0), e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))


async def for_ever() -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performer, "STOP_GRACE_SECONDS", 0.02)
    monkeypatch.setattr(performer, "STOP_PATIENCE_SECONDS", 0.1)


def away(_force: str) -> bool:
    raise TargetUnreachable("The host does not answer.")


@pytest.mark.usefixtures("hurried")
async def test_an_attempt_that_can_neither_be_stopped_nor_killed_is_a_doubt_with_its_evidence(tmp_path: Path) -> None:
    kind = Puppet(outcome=for_ever, stops=away)
    async with bench(tmp_path, ONE, kind=kind) as run:
        await run.until(lambda s: s.status("a") is Status.RUNNING)
        run.engine.submit(r.StopStep("ana", "a", "enough"))
        state = await run.until(lambda s: s.status("a") is Status.IN_DOUBT)
        last = state.step("a").last
        assert last is not None
        assert any("does not answer" in row[1] for row in last.evidence)
        assert len([x for x in run.events() if isinstance(x, e.NoteAdded)]) <= 2, "one note says it, not one a try"


@pytest.mark.usefixtures("hurried")
async def test_a_second_press_of_stop_tries_again(tmp_path: Path) -> None:
    kind = Puppet(outcome=for_ever)
    async with bench(tmp_path, ONE, kind=kind) as run:
        await run.until(lambda s: s.status("a") is Status.RUNNING)
        for presses in (1, 2):
            run.engine.submit(r.StopStep("ana", "a", "enough"))
            await run.until(lambda _: kind.heard.count("stop kill") == presses)  # noqa: B023 - waited for at once
            await asyncio.sleep(0)


async def test_a_stop_that_was_recorded_and_not_sent_is_sent_by_the_next_console(tmp_path: Path) -> None:
    kind = Puppet(outcome=for_ever)
    before = (STARTED, e.StopRequested("a", 1, "ana", "enough"), *GONE)
    async with bench(tmp_path, ONE, kind=kind, before=before) as run:
        await run.until(lambda _: "stop gentle" in kind.heard)
        assert kind.heard[0] == "settle a/1"


async def test_an_attempt_that_cannot_be_asked_for_is_a_doubt_and_the_engine_lives(tmp_path: Path) -> None:
    kind = Puppet(available="it cannot run here")
    async with bench(tmp_path, ONE, kind=kind, before=(STARTED, *GONE)) as run:
        state = await run.until(lambda s: s.status("a") is Status.IN_DOUBT)
        last = state.step("a").last
        assert last is not None
        assert last.evidence
        assert "it cannot run here" in last.summary


async def test_a_target_that_is_never_heard_is_a_lost_contact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "SILENCE_NS", 50_000_000)
    async with bench(tmp_path, ONE, kind=Puppet(outcome=for_ever)) as run:
        await run.until(lambda _: any(isinstance(x, e.ContactLost) for x in run.events()))


@dataclass
class Doubtful:
    """An attempt nobody can say anything of."""

    async def __call__(self) -> Outcome:
        return Outcome(Verdict.IN_DOUBT, "nobody knows")


async def test_what_an_attempt_in_doubt_left_is_removed_once_a_person_has_ruled(tmp_path: Path) -> None:
    kind = Puppet(outcome=Doubtful())
    async with bench(tmp_path, ONE, kind=kind) as run:
        await run.until(lambda s: s.status("a") is Status.IN_DOUBT)
        assert "forget a/1" not in kind.heard
        run.engine.submit(r.Rule("ana", "a", "done", "I looked"))
        await run.until(lambda _: "forget a/1" in kind.heard)
