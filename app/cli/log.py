"""`tminus log`: the record in plain words, for somebody who was not there; local time as recorded, and UTC."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson
from app.cli.lines import tell, tell_json_lines
from app.cli.places import Home, RunId, settings_for
from app.reports.details import Detail, details
from app.reports.record_json import as_json as record_as_json
from app.reports.sentences import sentence
from app.reports.spans import both_clocks, span
from app.reports.stopwatch import Stopwatch
from app.run import events as e

if TYPE_CHECKING:
    from app.run.events import Recorded
    from app.session import Watch

_PAGE = 2000
_TICK = 0.1
_SHOWN = 10
"""Lines of one piece of output; --output shows them all."""

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on as the run goes on; Ctrl-C ends it.")]
OfStep = Annotated[str, typer.Option("--step", metavar="STEP", help="Only what is about this step.")]
Output = Annotated[bool, typer.Option("--output", help="Show all that the steps wrote.")]
Metrics = Annotated[bool, typer.Option("--metrics", help="Show every reading of every metric, too.")]


def log(
    ctx: typer.Context,
    run: RunId,
    *,
    follow: Follow = False,
    step: OfStep = "",
    output: Output = False,
    metrics: Metrics = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Tell what happened in a run, from its first entry to its last."""
    from app.session import watch

    look = watch(settings_for(ctx, home).home, run)
    stopwatch = Stopwatch()
    try:
        for recorded in _entries(look, follow=follow):
            took = stopwatch.took(recorded)
            if step and getattr(recorded.event, "address", "") != step:
                continue
            if as_json:
                tell_json_lines([record_as_json(recorded, look.state.plan)])
            elif metrics or not isinstance(recorded.event, e.MetricRead | e.RowsCounted):
                _tell(recorded, look, took, whole=output)
    finally:
        look.close()


def _entries(look: Watch, *, follow: bool) -> Iterator[Recorded]:
    """The record page by page, so that a long one is not held in memory; with `follow`, for ever."""
    seq = 0
    with look.reader() as reader:
        while True:
            page = reader.since(seq, _PAGE)
            yield from page
            if page:
                seq = page[-1].seq
            elif not follow:
                return
            else:
                time.sleep(_TICK)


def _tell(recorded: Recorded, look: Watch, took: timedelta | None, *, whole: bool) -> None:
    tell(f"{both_clocks(recorded.at, recorded.offset_min)}  {sentence(recorded, look.state.plan)}")
    if took is not None:
        _tell_detail(Detail("took", span(took)), whole=True)
    for detail in details(recorded, look.state.plan):
        _tell_detail(detail, whole=whole or detail.label not in {"output", "errors"})


def _tell_detail(detail: Detail, *, whole: bool) -> None:
    lines = detail.text.splitlines() or [""]
    for i, line in enumerate(lines if whole else lines[:_SHOWN]):
        tell(f"    {detail.label if i == 0 else '':>8} | {line.expandtabs(4)}")
    if not whole and len(lines) > _SHOWN:
        tell(f"    {'':>8} | ... {len(lines) - _SHOWN} more lines (tminus log --output)")
