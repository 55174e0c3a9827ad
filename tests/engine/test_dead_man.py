"""How the console keeps a dead-man switch whose target is slow, refuses, or says what nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.connectors import dead_man
from app.connectors.local import LocalCommands
from app.errors import Refused, TargetUnreachable, TminusError
from app.ports import CommandPhase, Commands, CommandState, Limits, Payload, World
from app.run import dead_man_events as d
from app.run import events as e
from app.run import requests as r
from app.run.dead_man_state import Armament
from app.run.state import RunState, Status
from app.run.state import Stage as RunStage
from app.runbook.model_step import Step
from app.steps.live import Expects
from app.switch import Switch, SwitchState, SwitchWord
from tests.engine.bench import Bench, Puppet, bench

pytestmark = pytest.mark.anyio
BOOK = """
- id: p
  steps:
    - id: close
      local: {argv: [close]}
      changes: reversible
      revert_unless_confirmed: 2s
      undo: [{local: {argv: [open]}}]
"""
Answer = Callable[[], Awaitable[SwitchState]]


async def armed() -> SwitchState:
    return SwitchState(SwitchWord.ARMED, 2)


class Target(LocalCommands):
    """A place that answers as the test says; `asked` holds what it was asked, in order."""

    name = "host web1"

    def __init__(self, arms: Answer = armed) -> None:
        super().__init__(Path("/nowhere"), {})
        self.arms: Answer = arms
        self.beats: Answer = armed
        self.asked: list[str] = []

    async def arm(self, ticket: str, payload: Payload, limits: Limits, switch: Switch) -> SwitchState:
        self.asked.append(f"arm {ticket.rpartition('/')[2]}")
        return await self.arms()

    async def beat(self, ticket: str) -> SwitchState:
        self.asked.append("beat")
        return await self.beats()

    async def fence(self, ticket: str) -> CommandState:
        self.asked.append("fence")
        return CommandState(CommandPhase.FENCED)

    async def forget(self, ticket: str) -> None:
        self.asked.append("forget")


@dataclass(frozen=True, slots=True)
class There(Puppet):
    """A `local` whose undos wait at this target."""

    target: Target = field(default_factory=Target)

    def place_of(self, step: Step, world: World, expects: Expects) -> Commands:
        return self.target


def is_(word: Armament) -> Callable[[RunState], bool]:
    return lambda state: "close" in state.dead_men and state.dead_men["close"].status is word


def faults(run: Bench) -> list[e.Event]:
    return [one for one in run.events() if isinstance(one, e.FaultSeen)]


def roll_back(run: Bench) -> None:
    run.engine.submit(r.RollBack("ana", countdown_ms=0))


async def test_a_beat_in_flight_as_a_rollback_begins_holds_up_nothing(tmp_path: Path) -> None:
    asking, target = asyncio.Event(), Target()

    async def never() -> SwitchState:
        asking.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with bench(tmp_path, BOOK, kind=There(target=target), more="rollback: {est: 1m}") as run:
        await run.until(lambda s: is_(Armament.ARMED)(s) and s.status("close") is Status.DONE)
        target.beats = never
        await asyncio.wait_for(asking.wait(), 10)
        roll_back(run)
        await run.until(lambda s: s.stage is RunStage.ROLLED_BACK)
        assert is_(Armament.DISARMED)(run.state)
        assert "fence" in target.asked
        assert faults(run) == []


async def test_an_answer_that_comes_as_a_rollback_begins_is_no_news_any_more(tmp_path: Path) -> None:
    """The target was out of reach; that it is heard again is known in the same breath in which the switch comes off."""
    target, cut, late = Target(), asyncio.Event(), asyncio.Event()

    async def away() -> SwitchState:
        raise TargetUnreachable("The line is cut.")

    async def as_it_comes_off() -> SwitchState:
        cut.set()
        while not is_(Armament.DISARMING)(run.state):
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                break  # the answer was on its way before the wish to ask no more
        late.set()
        return SwitchState(SwitchWord.ARMED, 2)

    async with bench(tmp_path, BOOK, kind=There(target=target), more="rollback: {est: 1m}") as run:
        await run.until(lambda s: is_(Armament.ARMED)(s) and s.status("close") is Status.DONE)
        target.beats = away
        await run.until(is_(Armament.SILENT))
        target.beats = as_it_comes_off
        await asyncio.wait_for(cut.wait(), 10)
        roll_back(run)
        await run.until(lambda s: s.stage is RunStage.ROLLED_BACK)
        assert late.is_set()
        assert faults(run) == []
        assert not any(isinstance(one, d.DeadManHeard) for one in run.events())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"D": "word=perhaps left=2"}, "can be read"),
        ({"D": "word=armed left=soon"}, "can be read"),
        ({}, "can be read"),
    ],
)
async def test_what_nobody_understands_while_arming_begins_no_step_and_is_taken_off(
    tmp_path: Path, words: dict[str, str], why: str
) -> None:
    async def strange() -> SwitchState:
        return dead_man.read(words, "host web1")

    target = Target(arms=strange)
    async with bench(tmp_path, BOOK, kind=There(target=target)) as run:
        await run.until(is_(Armament.DISARMED))
        await run.until(lambda s: s.status("close") is Status.FAILED)
        assert why in run.state.step("close").reason
        assert run.state.step("close").attempts == ()
        assert target.asked[:2] == ["arm armed-1", "fence"]


@pytest.mark.parametrize(
    ("trouble", "sure"),
    [(Refused("No room there."), True), (TargetUnreachable("No room there."), False)],
    ids=["of the first try", "after a cut"],
)
async def test_only_a_refusal_of_the_first_try_settles_that_nothing_waits_there(
    tmp_path: Path, trouble: TminusError, sure: bool
) -> None:
    """After a cut the connector tells a refusal as lost contact (test_ssh_refusal.py)."""

    async def refuses() -> SwitchState:
        raise trouble

    target = Target(arms=refuses)
    async with bench(tmp_path, BOOK, kind=There(target=target)) as run:
        await run.until(is_(Armament.NOT_ARMED if sure else Armament.DISARMED))
        await run.until(lambda s: s.status("close") is Status.FAILED)
        assert ("fence" in target.asked) is not sure


async def test_a_refusal_after_an_earlier_console_may_have_armed_it_settles_nothing(tmp_path: Path) -> None:
    async def refuses() -> SwitchState:
        raise Refused("No room there.")

    before = d.DeadManArming("close", 1, "close/undo/1", "r1/close/undo/1/armed-1", 2000, "local", "open", "d")
    target = Target(arms=refuses)
    async with bench(tmp_path, BOOK, kind=There(target=target), before=(before,)) as run:
        await run.until(is_(Armament.DISARMED))
        assert run.state.step("close").attempts == ()
        assert "fence" in target.asked


async def test_after_a_sleep_the_target_was_unheard_for_as_long_as_it_lasted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The target's own clock went on: what is left until it fires is told less the sleep."""
    target = Target()
    async with bench(tmp_path, BOOK.replace("2s", "10m"), kind=There(target=target), more="rollback: {est: 1m}") as run:
        await run.until(lambda s: is_(Armament.ARMED)(s) and "beat" in target.asked)
        monkeypatch.setattr(run.rig.world.clock, "asleep_ns", lambda: 300 * 10**9)
        await run.until(lambda _: any(isinstance(one, d.DeadManHeard) for one in run.events()))
        silent = next(one for one in run.events() if isinstance(one, d.DeadManSilent))
        assert 200_000 < silent.left_ms <= 300_000
