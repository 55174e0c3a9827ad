"""From what a step kind saw to the word of the record: expectations judged, values saved, doubt kept as doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.engine.clean import clean
from app.engine.redact import Redactor
from app.run import events as e
from app.run.compare import as_text
from app.run.expect import MISSING, fact, saved, unmet
from app.run.outcome import Observed, Outcome, Verdict
from app.runbook.model_step import Step

SHOWN_FACTS = ("exit", "status", "rows", "mismatches", "value")
_LONGEST = 400
HTTP_ERROR = 400


@dataclass(frozen=True, slots=True)
class Ended:
    """Which attempt ended, of which resolved step, and who had asked it to stop."""

    address: str
    attempt: int
    step: Step
    stop_by: str = ""


def event_of(outcome: Outcome, ended: Ended, redactor: Redactor) -> e.Event:
    """The event that records this outcome. Text is redacted; a stop by a limit is a time-out, not a cancel."""
    words = _Words(outcome, ended, redactor)
    match outcome.verdict:
        case Verdict.DONE:
            return words.judged()
        case Verdict.FAILED:
            return words.failed(outcome.summary)
        case Verdict.TIMED_OUT:
            return words.failed(outcome.summary, timed_out=1)
        case Verdict.CANCELLED:
            return words.cancelled()
        case Verdict.NEVER_RAN:
            return e.StepFenced(ended.address, ended.attempt, outcome.seen_from)
        case Verdict.IN_DOUBT:
            return words.in_doubt()


class _Words:
    def __init__(self, outcome: Outcome, ended: Ended, redactor: Redactor) -> None:
        self._outcome, self._ended, self._redactor = outcome, ended, redactor

    def judged(self) -> e.Event:
        """Done, if it is also as expected."""
        observed, step = self._outcome.observed, self._ended.step
        if not observed.facts and (step.expect is not None or step.save):
            return self.answer_lost()
        broken = _by_default(step, observed) + self._unmet()
        if broken:
            return self.failed("; ".join(broken))
        values, troubles = saved(step.save, observed, self._redactor.text)
        if troubles:
            return self.failed("; ".join(troubles))
        return e.StepSucceeded(
            self._ended.address,
            self._ended.attempt,
            self._clean(self._outcome.summary),
            self._outcome.seen_from,
            _ms(self._outcome.elapsed),
            tuple((name, clean(value, self._redactor)) for name, value in values),
            self._facts(),
        )

    def failed(self, why: str, timed_out: int = 0) -> e.Event:
        """Not as expected."""
        return e.StepFailed(
            self._ended.address,
            self._ended.attempt,
            self._clean(why),
            self._outcome.seen_from,
            _ms(self._outcome.elapsed),
            timed_out,
            self._facts(),
        )

    def cancelled(self) -> e.Event:
        """Ended because somebody asked."""
        if self._ended.stop_by == "limit":
            return self.failed(f"Over its time limit; {self._outcome.summary}", timed_out=1)
        summary = self._clean(self._outcome.summary)
        return e.StepCancelled(self._ended.address, self._ended.attempt, summary, self._outcome.seen_from)

    def answer_lost(self) -> e.Event:
        """It took effect, and what it answered was lost: what was expected of it cannot be judged."""
        rows = (
            ("Did it take effect?", self._clean(self._outcome.summary), "done"),
            ("As expected?", "its answer was lost", "unknown"),
            *self._evidence(),
        )
        what = "It took effect, but its answer was lost, so what was expected of it could not be judged."
        return e.StepInDoubt(self._ended.address, self._ended.attempt, what, rows)

    def in_doubt(self) -> e.Event:
        """Nobody can say."""
        summary = self._clean(self._outcome.summary)
        return e.StepInDoubt(self._ended.address, self._ended.attempt, summary, self._evidence())

    def _evidence(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((x.question, self._clean(x.answer), x.points_to.value) for x in self._outcome.evidence)

    def _clean(self, text: str) -> str:
        whole = clean(text, self._redactor)  # masked before it is cut: half a secret would not be found any more
        return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}..."

    def _unmet(self) -> tuple[str, ...]:
        expect = self._ended.step.expect
        return () if expect is None else unmet(expect, self._outcome.observed, self._redactor.text)

    def _facts(self) -> tuple[tuple[str, str], ...]:
        step = self._ended.step
        names = dict.fromkeys(SHOWN_FACTS)
        if step.expect is not None:
            names |= dict.fromkeys(name for name in step.expect.rules if name not in {"stdout", "stderr"})
        seen = ((name, fact(self._outcome.observed, name)) for name in names)
        return tuple((name, self._clean(as_text(value))) for name, value in seen if _is_plain(value))


def _is_plain(value: object) -> bool:
    return value is not MISSING and not isinstance(value, (dict, list))


def _by_default(step: Step, observed: Observed) -> tuple[str, ...]:
    """What is expected when the runbook does not say: a command exits 0, a request is answered below 400."""
    asked = step.expect.rules if step.expect is not None else {}
    exit_code, status = fact(observed, "exit"), fact(observed, "status")
    if isinstance(exit_code, int) and exit_code != 0 and "exit" not in asked:
        return (f"exit {exit_code}",)
    if isinstance(status, int) and status >= HTTP_ERROR and "status" not in asked:
        return (f"status {status}",)
    return ()


def _ms(length: timedelta) -> int:
    return int(length.total_seconds() * 1000)
