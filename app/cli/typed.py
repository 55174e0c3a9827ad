"""What an operator types while a run goes on: read without blocking, understood as a request, or refused with words."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.errors import Refused
from app.run import requests as r
from app.run.crossing import OVERRIDE
from app.run.dead_man_state import GONE
from app.run.state import RunState, Status

HELP = (
    "hold [WHY]        start nothing new          release           go on",
    "note WORDS        put words into the record  rollback [SCOPE]  go back",
    "stop STEP         ask a running step to end  leave             let go; commands run on",
    "VALUE [@NAME] [WORDS]   answers the question shown",
)


@dataclass(frozen=True, slots=True)
class Leave:
    """The operator wants to let go of the run, or has gone."""

    reason: str = "the operator left"


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """The operator asks what may be typed."""


Typed = r.Request | Leave | ShowHelp


class TypedLines:
    """Lines from a terminal, without blocking and without losing the second of two that were pasted at once."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._rest = b""
        self._over = False

    def next(self, seconds: float) -> str | None:
        """A line with its newline, waiting at most so long; None when there is none yet, "" at the end of it all."""
        if b"\n" not in self._rest and not self._over and self._ready(seconds):
            more = self._read()
            self._over = not more
            self._rest += more
        line, newline, rest = self._rest.partition(b"\n")
        if newline or self._over:
            self._rest = rest
            return (line + newline).decode("utf-8", "replace")
        return None

    def _read(self) -> bytes:
        try:
            return os.read(self._handle, 4096)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return b""  # the terminal was closed

    def _ready(self, seconds: float) -> bool:
        if sys.platform == "win32":  # a console cannot be waited for there: the live account waits for the line
            return True
        return bool(select.select([self._handle], [], [], seconds)[0])


def understand(line: str, state: RunState, address: str, operator: str) -> Typed:
    """What a typed line means when `address` ("" for none) is what is being asked about. Raises Refused."""
    first, _, rest = line.strip().partition(" ")
    words = rest.strip()
    known = _VERBS.get(first.lower())
    if known is not None:
        return known(words, operator)
    if not address:
        raise Refused(f"`{first[:40]}` is nothing that can be done now.", hint="Type help.")
    if state.step(address).question is not None:
        return _answer(first, words, state, address, operator)
    return _ruling(first.lower(), words, state, address, operator)


def choices(state: RunState, address: str) -> tuple[str, ...]:
    """What may be typed about this step now."""
    question = state.step(address).question
    if question is not None:
        if question.wants == OVERRIDE:
            return ("override WHY", "skip WHY", "rollback")
        if question.wants == GONE:
            return ("gone WHY",)
        return (*question.options, "skip WHY") if question.wants == "confirm" else question.options
    if state.status(address) is Status.IN_DOUBT:
        return ("check", "done WHY", "retry WHY", "skip WHY")
    return ("retry", "skip WHY", "done WHY")


def _answer(value: str, words: str, state: RunState, address: str, operator: str) -> Typed:
    question = state.step(address).question
    assert question is not None
    name, note = operator, words
    if words.startswith("@"):
        name, _, note = words[1:].partition(" ")
    chosen = value.lower()
    if chosen == "skip":
        return r.Rule(operator, address, "skipped", words)
    if chosen not in question.options:
        raise Refused(f"`{value[:40]}` is no answer here.", hint=f"Type {', '.join(choices(state, address))}, or help.")
    if chosen == OVERRIDE:
        return r.Override(name, address, note.strip())
    return r.Answer(name, address, chosen, note.strip())


def _ruling(verb: str, words: str, state: RunState, address: str, operator: str) -> Typed:
    match verb:
        case "retry":
            return r.Retry(operator, address, words)
        case "check":
            return r.AskAgain(operator, address)
        case "skip" | "done" | "fail":
            return r.Rule(operator, address, {"skip": "skipped", "done": "done", "fail": "failed"}[verb], words)
        case _:
            hint = f"Type {', '.join(choices(state, address))}, or help."
            raise Refused(f"`{verb[:40]}` is no answer here.", hint=hint)


def _stop(words: str, operator: str) -> Typed:
    step, _, reason = words.partition(" ")
    if not step:
        raise Refused("Which step?", hint="Type stop STEP.")
    return r.StopStep(operator, step, reason.strip())


_VERBS: dict[str, Callable[[str, str], Typed]] = {
    "hold": lambda words, by: r.Hold(by, words),
    "panic": lambda _words, by: r.Panic(by),
    "release": lambda _words, by: r.Release(by),
    "note": lambda words, by: r.Note(by, words),
    "rollback": lambda words, by: r.RollBack(by, words.partition(" ")[0].removesuffix("/start")),
    "now": lambda _words, by: r.RollBackNow(by),
    "call-off": lambda _words, by: r.CallOff(by),
    "stop": _stop,
    "leave": lambda _words, _by: Leave(),
    "help": lambda _words, _by: ShowHelp(),
}


def options_line(names: Sequence[str]) -> str:
    """`go, no-go; or panic, hold, note, rollback, leave, help`."""
    return f"{', '.join(names)}; or panic, hold, note, rollback, leave, help"
