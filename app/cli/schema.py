"""`tminus schema`: the JSON Schema of the runbook language, for editors."""

from __future__ import annotations

from app.cli.books import kinds
from app.cli.lines import tell_json


def schema() -> None:
    """Print a JSON Schema that an editor can check and complete runbooks with."""
    from app.runbook.schema import schema as schema_of

    tell_json(schema_of(kinds()))
