"""What the Library shows: the runbooks of this machine with their problems, and the last runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.errors import Severity, TminusError
from app.session import RunLine, list_runs, open_runbook
from app.shipped import runbooks_dir
from ui import words


@dataclass(frozen=True, slots=True)
class Book:
    """One runbook: where it is, what it is called, what kind of thing it is, and how many problems it has."""

    path: Path
    title: str
    about: str
    errors: int = 0
    warnings: int = 0
    trouble: str = ""
    shipped: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Runbooks in the order of their folders, runs newest first."""

    books: tuple[Book, ...]
    runs: tuple[RunLine, ...]
    own: Path


def shelf(home: Path) -> Shelf:
    """Read it all; call it beside the UI's thread. A file that cannot be read is in the list with its reason."""
    own = home / "runbooks"
    books = [_book(path, shipped=False) for path in _files(own)]
    books += [_book(path, shipped=True) for path in _files(runbooks_dir())]
    return Shelf(tuple(books), list_runs(home), own)


def fresh_folder(home: Path) -> Path:
    """A folder for the estate of one more demo, not yet there."""
    at = datetime.now().astimezone()
    folder = home / "demo" / f"{at:%Y%m%d-%H%M%S}"
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"{at:%Y%m%d-%H%M%S}-{number}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"} and path.is_file())


def _book(path: Path, *, shipped: bool) -> Book:
    try:
        loaded = open_runbook(path)
    except TminusError as trouble:
        return Book(path, path.name, "", trouble=str(trouble), shipped=shipped)
    errors = len(loaded.errors)
    warnings = sum(p.severity is Severity.WARNING for p in loaded.problems)
    book = loaded.runbook
    if book is None:
        return Book(path, path.name, "it cannot be read", errors, warnings, shipped=shipped)
    risk = f"{book.plan.risk} risk" if book.plan.risk else ""
    about = ", ".join(part for part in (book.plan.type, book.plan.strategy, risk) if part)
    steps = sum(len(phase.steps) for phase in book.phases)
    size = words.plural(steps, "step")
    return Book(path, book.title or book.name, about or size, errors, warnings, "", shipped, book.name)
