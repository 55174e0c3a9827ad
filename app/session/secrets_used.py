"""Which secrets a runbook uses: those that a target logs in with, and those that a reference asks for."""

from __future__ import annotations

from collections.abc import Iterator

from app.runbook.model import Runbook
from app.runbook.model_step import Step
from app.runbook.part import Part, Raw
from app.runbook.references import Use, references


def secrets_used(book: Runbook) -> frozenset[str]:
    """Names, wherever they stand: steps inside steps, probes, metrics, ways back. A script's own text asks for none."""
    names = {database.password for database in book.databases.values()}
    names |= {word for host in book.hosts.values() for word in (host.password, host.passphrase)}
    names |= {
        ".".join(reference.parts[1:])
        for use in _uses(book)
        if not use.verbatim
        for reference in use.references
        if reference.root == "secrets"
    }
    return frozenset(names - {""})


def _uses(part: Part) -> Iterator[Use]:
    yield from references(part)
    for step in _steps(part):
        yield from _uses(step)


def _steps(value: Raw) -> Iterator[Step]:
    """The outermost steps below a value, which `references` does not enter."""
    if isinstance(value, Part):
        children: Iterator[Raw] = (getattr(value, name) for name in value.model_fields_set)
    elif isinstance(value, dict):
        children = iter(value.values())
    elif isinstance(value, (tuple, list)):
        children = iter(value)
    else:
        return
    for child in children:
        if isinstance(child, Step):
            yield child
        else:
            yield from _steps(child)
