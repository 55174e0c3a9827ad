"""`tminus plan`: the migration plan as a document."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import Book, Env, kinds, read_book
from app.cli.lines import complain
from app.errors import Refused, RunbookInvalid

if TYPE_CHECKING:
    from app.reports.blocks import Document


class Form(StrEnum):
    """What the document is written in."""

    MD = "md"
    HTML = "html"
    JSON = "json"


def plan(
    runbook: Book,
    *,
    env: Env = "",
    form: Annotated[Form, typer.Option("--format", help="Markdown, one HTML file, or JSON.")] = Form.MD,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    out: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")] = None,
) -> None:
    """Print the migration plan: phases, checklist, way back, risks, tests and what remains to be done."""
    from app.reports.plan_document import plan_document
    from app.runbook.environment import apply

    loaded = read_book(runbook, env)
    if loaded.runbook is None:
        raise RunbookInvalid(loaded.problems)
    if loaded.errors:
        complain(f"The runbook has errors; `tminus check {runbook}` names them.", style="warn")
    document = plan_document(apply(loaded.runbook, env or None), kinds(), loaded.digest)
    _write(document, Form.JSON if as_json else form, out)


def _write(document: Document, form: Form, out: Path | None) -> None:
    text = _in_form(document, form)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(
            f"The document cannot be written: {reason}.", where=str(out), hint="Choose another file."
        ) from error


def _in_form(document: Document, form: Form) -> str:
    match form:
        case Form.MD:
            from app.reports.markdown import as_markdown

            return as_markdown(document)
        case Form.HTML:
            from app.reports.html import as_html

            return as_html(document)
        case Form.JSON:
            from app.reports.document_json import as_tree

            return json.dumps(as_tree(document), indent=2, ensure_ascii=True) + "\n"
