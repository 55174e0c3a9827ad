"""Opens a runbook: bytes, document, runbook, and every problem of it, in file order."""

from __future__ import annotations

import contextlib
import gc
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import Problem, Refused, RunbookInvalid, Severity
from app.runbook.checks.all import check
from app.runbook.kind import Kinds
from app.runbook.model import Runbook
from app.runbook.parse import parse
from app.runbook.read import MAX_BYTES, Document, read, too_large


@dataclass(frozen=True, slots=True)
class Loaded:
    """A runbook file. `runbook` is None when its shape is wrong; `digest` is the SHA-256 of its bytes, in hex."""

    runbook: Runbook | None
    document: Document
    problems: tuple[Problem, ...]
    text: bytes
    digest: str

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that block a run."""
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    def sound(self) -> Runbook:
        """The runbook, when nothing blocks a run. Raises RunbookInvalid."""
        if self.runbook is None or self.errors:
            raise RunbookInvalid(self.problems)
        return self.runbook


def load(path: Path | str, kinds: Kinds, env: str | None = None) -> Loaded:
    """Reads, parses and checks the file. Raises Refused when it cannot be opened."""
    try:
        with Path(path).open("rb") as file:
            text = file.read(MAX_BYTES + 1)
            size = max(len(text), Path(path).stat().st_size)
    except OSError as trouble:
        reason = trouble.strerror or str(trouble)
        raise Refused(f"The runbook cannot be read: {reason}.", where=str(path), hint="Check the path.") from trouble
    if size > MAX_BYTES:
        document = too_large(str(path), size)
        return Loaded(None, document, document.problems, b"", "")
    return load_text(text, str(path), kinds, env)


def load_text(text: bytes, file: str, kinds: Kinds, env: str | None = None) -> Loaded:
    """Parses and checks the bytes of a file that was called `file`."""
    with _undisturbed():
        document = read(text, file)
        runbook, problems = parse(document, kinds)
        if runbook is not None:
            problems = check(runbook, document, kinds, env)
    return Loaded(runbook, document, in_order(problems), text, hashlib.sha256(text).hexdigest())


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Without cycle collection: everything made here stays, and looking through it took a third of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """By place, each once; what is about the whole file comes last."""
    return tuple(sorted(dict.fromkeys(problems), key=_spot))


def _spot(problem: Problem) -> tuple[bool, int, int, str]:
    place = problem.place
    return (place.line == 0, place.line, place.column, problem.code)
