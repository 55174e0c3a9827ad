"""A stage without a world: the pure core driven by hand, with a clock that only moves when told to."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.rollback.ahead import crossing
from app.rollback.planner import plan_back, refused_now
from app.run import events as e
from app.run import requests as r
from app.run.account import account
from app.run.consequences import consequences
from app.run.decide import decide
from app.run.evolve import evolve, opened
from app.run.intentions import Arm, Begin, Next, PlanBack
from app.run.moment import Moment
from app.run.rulings import rule
from app.run.state import RunState, Status
from app.run.state import Stage as RunStage
from app.runbook.inputs import bind
from app.runbook.load import load_text
from app.runbook.order import lay_out
from app.steps import BUILT_IN
from app.steps.decide import DecideBody

T0 = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
KINDS = {kind.name: kind for kind in BUILT_IN}


def book(phases: str, more: str = "") -> str:
    """A runbook around these phases."""
    return (
        f"runbook: 1\nname: staged\n{textwrap.dedent(more)}\nphases:\n{textwrap.indent(textwrap.dedent(phases), '  ')}"
    )


class Stage:
    """A run whose steps end as the test says. `began` holds the addresses in the order they were begun."""

    def __init__(self, text: str, *, until: str = "", params: dict[str, str] | None = None) -> None:
        loaded = load_text(text.encode(), "staged.yaml", KINDS)
        assert loaded.runbook is not None, [str(p) for p in loaded.problems]
        plan = lay_out(bind(loaded.runbook, None, params or {}, T0), KINDS)
        self.now = Moment(T0, 0, "boot-1")
        self.events: list[e.Recorded] = []
        self.began: list[str] = []
        first = e.RunOpened("r1", "staged", text, "staged.yaml", "d", "", (), T0.isoformat(), "ana", "0", until=until)
        self.state: RunState = opened(self._stamp(first), plan)
        self.record(e.ConsoleAttached("ana", "laptop", 1, "terminal", "0"))

    def record(self, *events: e.Event) -> None:
        """Write these, with what follows from them."""
        for event in [x for one in events for x in (one, *consequences(self.state, one))]:
            self.state = evolve(self.state, self._stamp(event))

    def settle_down(self) -> None:
        """Do what decide wants until it wants nothing."""
        for _ in range(1000):
            decision = decide(self.state, self.now, crossing)
            if not decision.next:
                self.wake = decision.wake
                return
            self._do(decision.next[0])
        raise AssertionError(f"it never comes to rest: {decide(self.state, self.now, crossing).next}")

    def go(self, **seconds: float) -> None:
        """Let time pass, then settle down."""
        length = timedelta(**seconds)
        mono_ns = self.now.mono_ns + int(length.total_seconds() * 1e9)
        self.now = replace(self.now, at=self.now.at + length, mono_ns=mono_ns)
        self.settle_down()

    def sleep(self, **seconds: float) -> None:
        """The machine sleeps, then the run settles down."""
        length = timedelta(**seconds)
        asleep_ns = self.now.asleep_ns + int(length.total_seconds() * 1e9)
        self.now = replace(self.now, at=self.now.at + length, asleep_ns=asleep_ns)
        self.settle_down()

    def done(self, *addresses: str, saved: tuple[tuple[str, str], ...] = ()) -> None:
        """These ended well."""
        for address in addresses:
            self.record(e.StepSucceeded(address, self.attempt(address), "exit 0", saved=saved))
            self.settle_down()

    def fail(self, address: str) -> None:
        """This one failed."""
        self.record(e.StepFailed(address, self.attempt(address), "exit 1"))
        self.settle_down()

    def doubt(self, address: str) -> None:
        """Nobody knows about this one."""
        self.record(e.StepInDoubt(address, self.attempt(address), "in doubt"))
        self.settle_down()

    def say(self, request: r.Request) -> None:
        """An operator says something lawful."""
        self.record(*rule(self.state, request, self.now))
        self.settle_down()

    def answer(self, address: str, value: str, by: str = "ana") -> None:
        """Somebody answers."""
        self.say(r.Answer(by, address, value))

    def roll_back(self, scope: str = "") -> None:
        """The operator presses, and presses again."""
        self.say(r.RollBack("ana", scope, "because", 0))

    def crash(self) -> None:
        """The console dies; another one comes."""
        self.record(e.ConsoleLost(1, 1000), e.ConsoleAttached("ana", "laptop", 2, "terminal", "0"))
        self.settle_down()

    def attempt(self, address: str) -> int:
        """The number of its newest attempt."""
        last = self.state.step(address).last
        assert last is not None, f"{address} never started"
        return last.number

    @property
    def stage(self) -> RunStage:
        """Where the run stands."""
        return self.state.stage

    def stands(self, where: RunStage) -> bool:
        """Whether the run stands there now."""
        return self.state.stage is where

    def status(self, address: str) -> Status:
        """Where it stands."""
        return self.state.status(address)

    def running(self) -> list[str]:
        """What runs now, fan-outs aside."""
        live = {Status.RUNNING, Status.STOPPING}
        return [a for a, s in self.state.steps.items() if s.status in live and s.last and s.last.kind != "each"]

    def names(self) -> list[str]:
        """The names of the events so far."""
        return [type(x.event).__name__ for x in self.events]

    def account(self) -> list[tuple[str, int, str, str]]:
        """What became of every attempt."""
        return [(x.step, x.attempt, x.kind, x.state) for x in account(self.state)]

    def _do(self, wanted: Next) -> None:
        match wanted:
            case Arm():
                raise AssertionError(f"{wanted.address} wants its undo armed; this stage has no targets")
            case Begin():
                self._begin(wanted)
            case PlanBack():
                plan = plan_back(self.state, wanted.scope)
                refused = refused_now(plan, self.state.countdown)
                if refused:
                    self.record(e.RollbackCalledOff("console", refused), e.RequestRefused("ana", "roll back", refused))
                else:
                    rows = tuple((x.address, x.undoes, x.part, x.reason) for x in plan.rows)
                    self.record(e.RollbackPlanned(plan.scope, rows, plan.loses))
            case _:
                self.record(wanted)

    def _begin(self, begin: Begin) -> None:
        self.began.append(begin.address)
        number = len(self.state.step(begin.address).attempts) + 1
        step = self.state.plan.by_address[begin.address].step
        ticket = f"r1/{begin.address}/{number}"
        self.record(e.StepStarted(begin.address, number, ticket, step.kind, "text", "d", undo=int(begin.undo)))
        if step.kind == "check":
            self.record(e.QuestionAsked(begin.address, number, "confirm", "?", options=("done", "failed")))
        if step.kind == "decide":
            body = step.body
            assert isinstance(body, DecideBody)
            self.record(
                e.QuestionAsked(
                    begin.address,
                    number,
                    "decision",
                    "?",
                    (),
                    body.by,
                    body.need,
                    ("go", "no-go"),
                    int(body.deadline.total_seconds() * 1000) if body.deadline else 0,
                )
            )

    def _stamp(self, event: e.Event) -> e.Recorded:
        seq = len(self.events) + 1
        stamp = (seq, self.now.at, self.now.mono_ns, self.now.boot, 0, event)
        recorded = e.Recorded(*stamp, f"h{seq}", self.now.asleep_ns)
        self.events.append(recorded)
        return recorded
