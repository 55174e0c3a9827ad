"""`tminus export`: save the rows written on the new side since the switch, before or after going back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.asking import say_to
from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode
from app.cli.lines import tell, tell_json
from app.cli.places import As, Home, RunId, name_for, settings_for
from app.cli.starting import secret_prompt


class Form(StrEnum):
    """How rows are written down."""

    NDJSON = "ndjson"
    CSV = "csv"


To = Annotated[Path | None, typer.Option("--to", metavar="FOLDER", help="Where; else in the folder of the records.")]
Chosen = Annotated[Form, typer.Option("--format", help="One object a row, or comma-separated values.")]


def export(
    ctx: typer.Context,
    run: RunId,
    *,
    to: To = None,
    form: Chosen = Form.NDJSON,
    as_: As = "",
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Save the rows that going back would lose or bring back; where they lie goes into the record."""
    from app.session import watch
    from app.session.loss_export import ExportOrder, export_written

    settings = settings_for(ctx, home)
    look = watch(settings.home, run)
    try:
        order = ExportOrder(settings.home, name_for(settings, as_), to, form.value, secret_prompt())
        kept = export_written(look, order)
        said = say_to(look, kept)
    finally:
        look.close()
    if as_json:
        files = [{"table": t, "file": f, "rows": int(n), "sha256": digest} for t, f, n, digest in kept.files]
        facts = {"folder": kept.folder, "sha256": kept.digest, "rows": kept.rows, "since": kept.since, "files": files}
        tell_json({"run": look.run, **facts, "says": said})
        return ExitCode.DONE
    for table, file, rows, digest in kept.files:
        tell(f"{table}: {int(rows):,} rows in {file}, SHA-256 {digest}")
    tell(f"{kept.folder}, SHA-256 of its manifest {kept.digest}", style="ok")
    tell(said)
    return ExitCode.DONE
