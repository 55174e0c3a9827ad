"""Answers given ahead: `--answer STEP=VALUE[@NAME,...]`, and files with one of these a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.cli.exit_codes import Misspelled
from app.errors import Refused
from app.run.requests import Answer
from app.run.state import StepState

_FORM = "Write STEP=VALUE, or STEP=VALUE@NAME,NAME; for example go-live=go@ana,raj."


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, and the people who gave it; nobody named means the operator."""

    step: str
    value: str
    names: tuple[str, ...] = ()


def parse_given(text: str, where: str = "") -> Given:
    """From `STEP=VALUE[@NAME,...]`; `where`: the line of a file, "" on the command line. Raises Refused, Misspelled."""
    step, equals, rest = text.strip().partition("=")
    value, _, names = rest.partition("@")
    if not equals or not step.strip() or not value.strip():
        error = Refused if where else Misspelled
        raise error(f"`{text.strip()[:80]}` is no answer.", where=where, hint=_FORM)
    people = tuple(name.strip() for name in names.split(",") if name.strip())
    return Given(step.strip(), value.strip(), people)


def read_given(options: Sequence[str], file: Path | None) -> tuple[Given, ...]:
    """Those of the options, then those of the file; empty lines and lines that begin with # are skipped."""
    found = [parse_given(text) for text in options]
    if file is None:
        return tuple(found)
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The answers cannot be read: {error}.", where=str(file), hint=_FORM) from error
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            found.append(parse_given(line, f"{file}:{number}"))
    return tuple(found)


class Pile:
    """The answers that are left. Each is used once, for the first question of its step that it is an answer to."""

    def __init__(self, given: Sequence[Given], operator: str) -> None:
        self._left = list(given)
        self._operator = operator

    def take(self, step: StepState) -> Answer | None:
        """The next answer to the question that this step asks now, None when none was given ahead."""
        question = step.question
        if question is None:
            return None
        for i, given in enumerate(self._left):
            if given.step == step.address and given.value in question.options:
                return self._use(i, given)
        return None

    def unused(self) -> tuple[Given, ...]:
        """Those that no question wanted."""
        return tuple(self._left)

    def _use(self, i: int, given: Given) -> Answer:
        name = given.names[0] if given.names else self._operator
        if len(given.names) > 1:
            self._left[i] = replace(given, names=given.names[1:])
        else:
            del self._left[i]
        return Answer(name, given.step, given.value, "answered ahead")
