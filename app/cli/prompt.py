"""Asks the operator at the terminal, one question at a time, while the run goes on and others may answer, too."""

from __future__ import annotations

import sys
from typing import Protocol

from app.cli.lines import complain, tell, tell_block
from app.cli.typed import HELP, Leave, ShowHelp, Typed, TypedLines, choices, options_line, understand
from app.errors import Refused
from app.reports.naming import people_for, step_name
from app.run.decide import blocked_by_person
from app.run.requests import Request, RollBack
from app.run.state import RunState, Stage


class Accepts(Protocol):
    """What a rollback asked for in words is completed with: the loss it would accept, once the operator agreed."""

    def loss(self, scope: str) -> str:
        """What going back to `scope` loses now, "" for nothing."""


class Prompt:
    """The operator's side of the terminal. `tick` is called all the time and answers what was said, if anything."""

    def __init__(self, operator: str) -> None:
        self._operator = operator
        self._lines = TypedLines(sys.stdin.fileno())
        self._shown: tuple[object, ...] = ()
        self._address = ""
        self._agreeing: RollBack | None = None

    def tick(self, state: RunState, losses: Accepts, seconds: float) -> Request | Leave | None:
        """Show what is asked, wait at most `seconds` for a line, and answer what it means. Leave at stdin's end."""
        self._ask(state)
        line = self._lines.next(seconds)
        if line is None:
            return None
        if line == "":
            return Leave("the terminal was closed")
        return self._said(line, state, losses)

    def again(self) -> None:
        """Show the question once more: what was typed did not do."""
        self._shown = ()

    def _ask(self, state: RunState) -> None:
        waiting = blocked_by_person(state) if state.countdown is None and state.stage is not Stage.CLOSED else ()
        self._address = waiting[0].address if waiting else ""
        step = state.step(self._address)
        now = (self._address, step.status, len(step.attempts), step.question)
        if not self._address or now == self._shown:
            return
        self._shown = now
        self._show(state)

    def _show(self, state: RunState) -> None:
        step = state.step(self._address)
        question = step.question
        tell()
        tell(f"? {step_name(state.plan, self._address)}, for {people_for(state, self._address)}", style="strong")
        tell_block(question.text if question is not None else step.reason, indent="  ")
        for item in question.items if question is not None else ():
            tell(f"  [ ] {item}")
        tell(f"  Type {options_line(choices(state, self._address))}.")

    def _said(self, line: str, state: RunState, losses: Accepts) -> Request | Leave | None:
        if self._agreeing is not None:
            return self._agreed(line, losses)
        if not line.strip():
            return None
        try:
            return self._act(understand(line, state, self._address, self._operator), losses)
        except Refused as no:
            complain(f"{no.what} {no.hint}".strip(), style="warn")
            self.again()
            return None

    def _act(self, typed: Typed, losses: Accepts) -> Request | Leave | None:
        if isinstance(typed, ShowHelp):
            for row in HELP:
                tell(f"  {row}")
            return None
        if isinstance(typed, RollBack) and losses.loss(typed.scope):
            self._agreeing = typed
            tell(f"Going back now loses: {losses.loss(typed.scope)}", style="bad")
            tell("  Type `lose it` to go back all the same; anything else does not.")
            return None
        return typed

    def _agreed(self, line: str, losses: Accepts) -> Request | None:
        asked, self._agreeing = self._agreeing, None
        assert asked is not None
        if line.strip() != "lose it":
            tell("  Not going back.")
            self.again()
            return None
        return RollBack(asked.by, asked.scope, asked.reason, asked.countdown_ms, losses.loss(asked.scope))
