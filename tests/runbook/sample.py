"""Runbooks for the tests of the language: whole ones from files, small ones from lines, and a way to break them."""

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.runbook.inputs import Inputs, bind
from app.runbook.kind import Kind
from app.runbook.load import Loaded, load_text
from app.runbook.model import Runbook
from app.steps import BUILT_IN

DATA = Path(__file__).parent / "data"
LEDGER = (DATA / "ledger-engine.yaml").read_text()
SITE = (DATA / "site-switch.yaml").read_text()
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in BUILT_IN}
T0 = datetime(2026, 6, 6, 22, tzinfo=UTC)


def loaded(text: str, env: str | None = None) -> Loaded:
    """The text, loaded under the name `it.yaml`."""
    return load_text(textwrap.dedent(text).encode(), "it.yaml", KINDS, env)


def sound(text: str) -> Runbook:
    """The runbook of a text without errors."""
    return loaded(text).sound()


def small(steps: str, more: str = "") -> str:
    """A runbook of one phase `p` with these steps."""
    head = "runbook: 1\nname: small\n" + textwrap.dedent(more).strip()
    head = head.strip() + "\nphases:\n  - id: p\n    steps:\n"
    return head + textwrap.indent(textwrap.dedent(steps).strip("\n"), " " * 6) + "\n"


def bound(text: str, env: str | None = None, params: Mapping[str, str] | None = None) -> Inputs:
    """The runbook of a text, bound with T at T0."""
    return bind(sound(text), env, params or {}, T0)


def replaced(text: str, old: str, new: str) -> str:
    """The text with one piece changed; the piece must stand there exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the runbook"
    return text.replace(old, new)


def said(text: str, env: str | None = None) -> list[str]:
    """Every problem of a text as one line."""
    return [str(problem) for problem in loaded(text, env).problems]


def codes(text: str, env: str | None = None) -> set[str]:
    """The codes of a text's problems, warnings with a `w` behind."""
    return {p.code + ("w" if p.severity.value == "warning" else "") for p in loaded(text, env).problems}
