"""Where the records are, and whose name goes into them: the options that many verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings, load_settings

Home = Annotated[Path | None, typer.Option("--home", metavar="DIR", help="Where records and settings are kept.")]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Your name in the record, if not the account's.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id, its beginning, or the path of its record.")]
Reason = Annotated[str, typer.Option("--reason", "-r", metavar="TEXT", help="Why; it goes into the record.")]


def settings_for(ctx: typer.Context, home: Path | None) -> Settings:
    """The settings under the verb's own --home, else the one before the verb, else the usual place."""
    outer = ctx.find_root().obj
    return load_settings(home or (outer if isinstance(outer, Path) else None))


def name_for(settings: Settings, said: str) -> str:
    """The name that goes into the record."""
    return said.strip() or settings.operator
