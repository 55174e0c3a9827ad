"""What can happen to a step: its attempts, its questions, and the answers."""

from __future__ import annotations

from dataclasses import dataclass

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """The intent. On disk before any effect. `text` is exactly what will run, secrets masked.

    kind: step kind; spec: canonical JSON of the resolved step, secrets by name only; target: who will be asked.
    """

    address: str
    attempt: int
    ticket: str
    kind: str
    text: str
    digest: str
    target: str = ""
    spec: str = ""
    undo: int = 0


@dataclass(frozen=True, slots=True)
class StepFoundRunning(Event):
    """After a gap the target says that the attempt still runs; the console is attached to it again."""

    address: str
    attempt: int
    seen_from: str


@dataclass(frozen=True, slots=True)
class OutputCaptured(Event):
    """Bytes a step wrote, redacted. `data` is base64; `offset` counts the stream's bytes as stored here.

    raw_end: bytes of the stream at the target that are accounted for so far; re-attaching goes on from there.
    """

    address: str
    attempt: int
    stream: str
    offset: int
    data: str
    raw_end: int = 0


@dataclass(frozen=True, slots=True)
class StepSucceeded(Event):
    """Done, as seen from `seen_from`. `saved` holds values later steps may refer to; `facts` what was checked."""

    address: str
    attempt: int
    summary: str
    seen_from: str = ""
    elapsed_ms: int = 0
    saved: Pairs = ()
    facts: Pairs = ()


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """Ended, and not as expected. `timed_out` 1 when its own limit ended it."""

    address: str
    attempt: int
    summary: str
    seen_from: str = ""
    elapsed_ms: int = 0
    timed_out: int = 0
    facts: Pairs = ()


@dataclass(frozen=True, slots=True)
class StepCancelled(Event):
    """Ended because a person, a limit or the way back asked for it."""

    address: str
    attempt: int
    summary: str
    seen_from: str = ""


@dataclass(frozen=True, slots=True)
class StepFenced(Event):
    """It never ran, and the target will never let it."""

    address: str
    attempt: int
    seen_from: str = ""


@dataclass(frozen=True, slots=True)
class StepInDoubt(Event):
    """Nobody can say whether it took effect. `evidence` is rows of question, answer, points-to."""

    address: str
    attempt: int
    summary: str
    evidence: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DoubtAsked(Event):
    """The target is being asked again about an attempt in doubt."""

    address: str
    attempt: int
    by: str


@dataclass(frozen=True, slots=True)
class StepRuled(Event):
    """A person's recorded word on a step: `ruling` is "done", "failed" or "skipped"."""

    address: str
    attempt: int
    ruling: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class StepLeftOut(Event):
    """Not for this run: environment, `when`, or the operator's scope. Counts as met for those who need it."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetryAllowed(Event):
    """The next attempt may start: the runbook's `retry`, or a person."""

    address: str
    attempt: int
    by: str
    reason: str
    not_before_ms: int = 0


@dataclass(frozen=True, slots=True)
class StopRequested(Event):
    """A running attempt is being asked to end."""

    address: str
    attempt: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContactLost(Event):
    """Nothing heard from the target for 8 s; what the step began there goes on."""

    address: str
    attempt: int
    seen_from: str


@dataclass(frozen=True, slots=True)
class ContactRegained(Event):
    """Heard again."""

    address: str
    attempt: int
    seen_from: str


@dataclass(frozen=True, slots=True)
class QuestionAsked(Event):
    """A person is needed. wants: "confirm", "decision", "approval", "gate". `options` are the lawful answers."""

    address: str
    attempt: int
    wants: str
    text: str
    items: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    need: int = 1
    options: tuple[str, ...] = ()
    deadline_ms: int = 0


@dataclass(frozen=True, slots=True)
class AnswerGiven(Event):
    """One person's answer: "done"/"failed" to a check, "go"/"no-go" to a decision, "approve" to an approval."""

    address: str
    attempt: int
    value: str
    by: str
    note: str = ""
    recorded_by: str = ""
