"""What run, resume and rollback share: their options, asking for secrets, and putting the terminal's part together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.driving import Conduct
from app.cli.given import Pile, read_given
from app.cli.lines import someone_is_there
from app.cli.prompt import Prompt
from app.cli.story import JsonStory, Story
from app.errors import AnswerMissing

Answers = Annotated[
    list[str] | None,
    typer.Option("--answer", metavar="STEP=VALUE[@NAME,...]", help="An answer given ahead; may be repeated."),
]
AnswerFile = Annotated[
    Path | None, typer.Option("--answers", metavar="FILE", help="Answers given ahead, one STEP=VALUE a line.")
]
Wait = Annotated[
    bool, typer.Option("--wait", help="When an answer is missing, wait for it from elsewhere; do not exit.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show what runs, and all it writes.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]


@dataclass(frozen=True, slots=True)
class Manner:
    """How the operator wants the terminal to behave."""

    operator: str
    answers: tuple[str, ...] = ()
    file: Path | None = None
    patient: bool = False
    verbose: bool = False
    as_json: bool = False
    going_back: bool = False
    home: Path | None = None


def conduct_of(manner: Manner) -> Conduct:
    """Reads the answers now, so that a mistake in them is told before anything starts."""
    there = someone_is_there() and not manner.as_json
    return Conduct(
        story=JsonStory() if manner.as_json else Story(verbose=manner.verbose),
        pile=Pile(read_given(manner.answers, manner.file), manner.operator),
        prompt=Prompt(manner.operator) if there else None,
        patient=manner.patient,
        as_json=manner.as_json,
        going_back=manner.going_back,
        home=manner.home,
    )


def secret_prompt() -> Callable[[str], str]:
    """Asks for a secret's value, unseen. Raises AnswerMissing when nobody is there."""

    def ask(name: str) -> str:
        if not someone_is_there():
            raise AnswerMissing(
                f"The secret `{name}` is asked at the console, and nobody is there.",
                hint="Run it in a terminal, or let the secret come from: env or keyring.",
            )
        import getpass

        return getpass.getpass(f"{name}: ")

    return ask
