"""Drives a run to its end without a person: answers what is asked, and keeps what was recorded."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.run.events import Recorded, RequestRefused
from app.run.requests import Answer, Request, RollBack, RollBackNow
from app.run.state import Stage, Status
from app.session import RunOrder, Session, new_run

ENDS = frozenset({Stage.FINISHED, Stage.STOPPED, Stage.ROLLED_BACK, Stage.INCOMPLETE, Stage.CLOSED})


PEOPLE = ("ana", "mei")
"""Somebody of the role lead and somebody of the role dba, in every shipped runbook."""


@dataclass
class Driven:
    """A run under way. `answers` by address; what is not in it stays unanswered, and the drive says so."""

    session: Session
    answers: Mapping[str, str]
    record: list[Recorded] = field(default_factory=list)
    _said: set[tuple[str, int]] = field(default_factory=set)

    def to_the_end(self, seconds: float = 60) -> Stage:
        """Until nothing more happens by itself."""
        self._drive(lambda: self.session.state.stage in ENDS, seconds)
        return self.session.state.stage

    def until_asked(self, address: str, seconds: float = 60) -> None:
        """Until this step's question stands, which is then left alone."""
        self._drive(lambda: self.session.current().address == address and self._asks(), seconds, leave=address)

    def until_done(self, address: str, seconds: float = 60) -> None:
        """Until this step is over."""
        self._drive(lambda: self.session.state.status(address) is Status.DONE, seconds)

    def until_held(self, seconds: float = 60) -> None:
        """Until somebody or something holds the run."""
        self._drive(lambda: self.session.state.held, seconds)

    def until_failed(self, address: str, seconds: float = 60) -> None:
        """Until this step has failed and a person is asked what becomes of it."""
        self._drive(lambda: self.session.current().why == "failed", seconds, leave=address)
        assert self.session.current().address == address

    def back(self, scope: str = "start", seconds: float = 60) -> Stage:
        """Rolls back without the countdown, to the end of it."""
        self.session.send(RollBack("ana", scope, countdown_ms=0))
        self._drive(
            lambda: self.session.state.stage in (Stage.ROLLED_BACK, Stage.INCOMPLETE) or self.refused(), seconds
        )
        return self.session.state.stage

    def refused(self) -> str:
        """Why the way back was refused, "" when it was not."""
        answers = (one.event for one in self.record if isinstance(one.event, RequestRefused))
        return next((answer.why for answer in answers if answer.what == "RollBack"), "")

    def send(self, request: Request) -> None:
        """Somebody asks for something."""
        self.session.send(request)

    def accounts(self) -> dict[str, str]:
        """Address -> what became of its last attempt."""
        return {line.step: line.state for line in self.session.account()}

    def _waits_for_a_person(self) -> bool:
        """Whether somebody would have to say what becomes of a failed or doubtful step: nobody here does."""
        state, why = self.session.state, self.session.current().why
        if why == "doubt":
            return True
        # a failed step whose retry or whose way back has been decided goes on by itself, within this time
        quiet = self.session.moment().since(state.now) > timedelta(seconds=2)
        return why == "failed" and state.stage is Stage.FORWARD and state.countdown is None and quiet

    def _last_words(self) -> str:
        events = "\n".join(str(one.event)[:400] for one in self.record[-8:])
        return f"{self.session.current()}\n{events}"

    def _asks(self) -> bool:
        return self.session.current().why in ("question", "gate")

    def _drive(self, over: object, seconds: float, leave: str = "") -> None:
        assert callable(over)
        deadline = time.monotonic() + seconds
        while not over():
            self.record += self.session.take()
            assert not self.session.ended, self.session.trouble
            focus = self.session.current()
            assert time.monotonic() < deadline, self._last_words()
            assert leave == focus.address or not self._waits_for_a_person(), (
                f"{focus}: {[one.event for one in self.record[-8:]]}"
            )
            if self.session.state.countdown is not None:
                self.session.send(RollBackNow("ana"))
            if self._asks() and focus.address != leave and focus.address in self.answers:
                self._answer(focus.address)
            time.sleep(0.01)
        self.record += self.session.take()

    def _answer(self, address: str) -> None:
        """As many people as the question needs, each from another role."""
        step = self.session.state.step(address)
        assert step.question is not None
        if (address, len(step.attempts)) not in self._said:
            self._said.add((address, len(step.attempts)))
            for person in PEOPLE[: step.question.need]:
                self.session.send(Answer(person, address, self.answers[address]))


@contextmanager
def driven(
    runbook: Path, home: Path, params: Mapping[str, str], answers: Mapping[str, str], environment: str = ""
) -> Iterator[Driven]:
    """A new run; let go of at the end, whatever became of it."""
    session = new_run(RunOrder(runbook, home, "ana", params=params, environment=environment))
    try:
        yield Driven(session, answers)
    finally:
        session.detach("the test is over")
