"""`tminus explain`: what a problem's code means, with an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.books import AsJson
from app.cli.lines import tell, tell_block, tell_json, tell_table

if TYPE_CHECKING:
    from app.runbook.checks.codes import Explanation

Code = Annotated[str, typer.Argument(metavar="[CODE]", help="A code such as RB017; none for a list of all.")]


def explain(code: Code = "", *, as_json: AsJson = False) -> None:
    """Say what a code means, why the rule exists, and how to keep it."""
    from app.runbook.checks.codes import EXPLANATIONS
    from app.runbook.checks.codes import explain as explanation_of

    if not code:
        if as_json:
            tell_json([_as_tree(each) for each in EXPLANATIONS])
        else:
            tell_table([(each.code, each.title) for each in EXPLANATIONS])
        return
    found = explanation_of(code)
    if as_json:
        tell_json(_as_tree(found))
        return
    tell(f"{found.code}: {found.title}", style="strong")
    tell()
    tell_block(found.text, indent="")
    tell()
    tell_block(found.example, indent="")


def _as_tree(found: Explanation) -> dict[str, Any]:
    return {"code": found.code, "title": found.title, "text": found.text, "wrong": found.wrong, "right": found.right}
