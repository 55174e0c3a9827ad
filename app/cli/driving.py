"""Drives a run from a terminal: tells what happens, asks or uses answers given ahead, and knows when it is over.

Ctrl-C, SIGTERM and SIGHUP let go: commands go on at their targets and the run can be resumed. Nothing here stops one.
"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from app.cli.ending import Ending, blocked, busy, ending, held_by_itself
from app.cli.exit_codes import ExitCode
from app.cli.given import Pile
from app.cli.lines import Unheard, Unwritable, complain, tell, tell_json_lines
from app.cli.prompt import Prompt
from app.cli.story import Tells
from app.cli.strip_line import StripLine
from app.cli.typed import Leave
from app.reports.naming import one_line
from app.reports.unconfirmed import will_be_taken_back
from app.rollback.ahead import crossing
from app.rollback.loss import accepted
from app.run import events as e
from app.run.decide import blocked_by_person, decide
from app.run.requests import CallOff, Request
from app.run.state import RunState

if TYPE_CHECKING:
    from app.session import Session
    from app.session.view import View

_TICK = 0.1
"""Seconds between two looks: a line appears within this time."""
_SIGNALS = {"SIGINT": "Ctrl-C in the terminal", "SIGHUP": "the terminal was closed"}
_SURE = 2
"""Looks at a run that waits for somebody, before it is believed: between two events it may only seem so."""


@dataclass(slots=True)
class Conduct:
    """How the terminal behaves. `prompt` None: nobody is there; `patient`: wait for answers from elsewhere.

    going_back: Ctrl-C calls a countdown off; is_show: nothing of it is needed again;
    home: a record that lies elsewhere is named by its path in what to type next.
    """

    story: Tells
    pile: Pile
    prompt: Prompt | None = None
    patient: bool = False
    as_json: bool = False
    going_back: bool = False
    is_show: bool = False
    home: Path | None = None


@dataclass(slots=True)
class Signals:
    """What arrived since, by its name."""

    names: list[str] = field(default_factory=list)


def announce(run_id: str, *, as_json: bool) -> None:
    """The id goes first, so that whatever happens next, the run can be named."""
    if as_json:
        tell_json_lines([{"run": run_id}])
    else:
        tell(run_id, style="strong")


def drive(session: Session, conduct: Conduct, *, names_it: bool = False) -> ExitCode:
    """Until the run is over, waits for somebody who is not there, or the operator lets go. The exit status.

    However it ends, an exception included, the run is let go of in good order first. names_it: tell its id first;
    here, because a run whose id nobody could be told must be let go of as well.
    """
    with signals_caught() as signals:
        why = "the terminal's part broke"
        try:
            if names_it:
                announce(session.run, as_json=conduct.as_json)
            found, why = _watch(session, conduct, signals)
        except Unwritable as full:
            found, why = _gone(session, str(full))
            with suppress(Unheard):
                complain(str(full))
        except Unheard:
            found, why = _gone(session, "nobody reads what the terminal tells")
        finally:
            session.detach(why)
    with suppress(Unheard):  # whoever would have read it has gone; the record has it all
        conduct.story.tell(session.take(), session.state)
        last_words(session, conduct, found)
    return found.code


def _watch(session: Session, conduct: Conduct, signals: Signals) -> tuple[Ending, str]:
    """How it ended for this terminal, and what the record is told about that."""
    terminal = _Terminal(session, conduct)
    while True:
        left = terminal.look()
        if left is not None:
            return _gone(session, left.reason)
        found = terminal.found() or (_ended_early(session) if session.ended else None)
        if found is not None:
            return found, found.says
        if signals.names and not terminal.called_off(signals):
            return _gone(session, _SIGNALS.get(signals.names[0], signals.names[0]))


def _gone(session: Session, reason: str) -> tuple[Ending, str]:
    taken = will_be_taken_back(session.state)
    says = " ".join(("Let go. Commands that run go on at their targets; nothing was stopped.", *taken))
    return Ending(ExitCode.INTERRUPTED, says, (f"tminus resume {session.run}",)), reason


class _Terminal:
    """One look after the other at a run."""

    def __init__(self, session: Session, conduct: Conduct) -> None:
        self._session = session
        self._conduct = conduct
        self._sent: set[tuple[str, int, str, int]] = set()
        self._owed = 0
        self._still = 0
        self._seq = -1
        self._loud = 0
        self._before = 0
        self._aborting = False
        self._strip = StripLine()

    def look(self) -> Leave | None:
        """Tell the news, say what is to be said, wait a moment. Leave when the operator wants to let go."""
        news, state = self._session.take(), self._session.state
        self._loud += sum(not isinstance(one.event, e.MetricRead | e.RowsCounted) for one in news)  # without end
        self._conduct.story.tell(self._fresh(news), state)
        if not self._conduct.as_json:
            self._strip.tell(self._session)
        settled = sum(isinstance(one.event, e.AnswerGiven | e.StepOverridden | e.RequestRefused) for one in news)
        self._owed = max(0, self._owed - settled)
        self._answer(state)
        refused = any(isinstance(one.event, e.RequestRefused) for one in news)
        said: Request | Leave | None = None
        if self._conduct.prompt is not None:
            if refused:
                self._conduct.prompt.again()
            said = self._conduct.prompt.tick(state, self, _TICK)
        else:
            self._session.wait_ended(timedelta(seconds=_TICK))
        if isinstance(said, Request):
            self._session.send(said)
        return said if isinstance(said, Leave) else None

    def _fresh(self, news: tuple[e.Recorded, ...]) -> tuple[e.Recorded, ...]:
        """Without what was recorded before this console: the first take answers the whole record."""
        if self._seq >= 0:
            return news
        attached = max((i for i, one in enumerate(news) if isinstance(one.event, e.ConsoleAttached)), default=0)
        first = attached > 0 and isinstance(news[attached - 1].event, e.ConsoleLost | e.RunOpened)
        return news[attached - first :]

    def loss(self, scope: str) -> str:
        """What going back would lose."""
        return accepted(self._session.loss(scope), self._session.moment())

    def found(self) -> Ending | None:
        """How it ended, once the run has been still for long enough to be believed."""
        state = self._session.state
        if self._aborting and state.countdown is None and state.back is None:
            return Ending(ExitCode.INTERRUPTED, "Called off before its first effect.", (f"tminus resume {state.run}",))
        end = ending(state)
        if end is None and self._is_alone() and not busy(state) and _waits(state):
            end = blocked(state)
        if end is not None and (not self._session.at_rest or decide(state, self._session.moment(), crossing).next):
            end = None  # the engine has not got round to it yet
        self._still = self._still + 1 if end is not None and self._loud == self._before else 0
        self._before, self._seq = self._loud, state.seq
        return end if self._still >= _SURE else None

    def called_off(self, signals: Signals) -> bool:
        """Whether Ctrl-C meant the countdown of a rollback that was asked for here, and nothing else."""
        if not self._conduct.going_back or self._session.state.countdown is None:
            return False
        signals.names.clear()
        self._session.send(CallOff(self._session.state.console.operator))
        self._aborting = True
        return True

    def _is_alone(self) -> bool:
        return self._conduct.prompt is None and not self._conduct.patient

    def _answer(self, state: RunState) -> None:
        """Use the answers given ahead, each once per state of its question."""
        for planned in blocked_by_person(state):
            step = state.step(planned.address)
            if step.question is None:
                continue
            key = (step.address, len(step.attempts), step.question.wants, len(step.question.answers))
            if key in self._sent:
                continue
            given = self._conduct.pile.take(step)
            if given is not None:
                self._sent.add(key)
                self._session.send(given)
                self._owed += 1


def _waits(state: RunState) -> bool:
    """Whether nothing counts down and no person holds the run, who would come back to it."""
    return state.countdown is None and (not state.held or held_by_itself(state))


def _ended_early(session: Session) -> Ending:
    """The engine is gone: because it broke, which is raised, or because somebody had it let go."""
    if session.trouble is not None:
        for sentence in will_be_taken_back(session.state):  # nobody is heard there from now on
            complain(sentence, style="bad")
        raise session.trouble
    says = "The console let go."
    return ending(session.state) or Ending(ExitCode.INTERRUPTED, says, (f"tminus resume {session.run}",))


def last_words(view: View, conduct: Conduct, found: Ending) -> None:
    """How it ended and what to type next; after JSON lines, one more."""
    run = view.run
    if conduct.home is not None and view.path.resolve().parent != (conduct.home / "runs").resolve():
        path = shlex.quote(str(view.path.absolute()))  # its id alone would not be found
        found = replace(found, then=tuple(line.replace(run, path, 1) for line in found.then))
    if conduct.as_json:
        ends = {"run": run, "exit": int(found.code), "says": found.says, "then": list(found.then)}
        tell_json_lines([ends])
        return
    out = complain if found.code else tell
    out(one_line(found.says), style="ok" if found.code is ExitCode.DONE else "bad")
    for line in found.then[:1] if conduct.is_show else found.then:
        out(f"  {line}", style="")
    for given in () if conduct.is_show else conduct.pile.unused():
        complain(f"The answer {given.step}={given.value} was not asked for.", style="warn")


@contextmanager
def signals_caught() -> Iterator[Signals]:
    """Collect signals instead of dying of them, so that the record's last word is written."""
    caught = Signals()

    def note(number: int, _frame: FrameType | None) -> None:
        caught.names.append(signal.Signals(number).name)

    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, note) for number in wanted}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
