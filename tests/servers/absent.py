"""Say that a test cannot run here, so loudly that nobody takes the silence for a pass.

`not_run` skips the test; at the end of the run every such skip is listed and counted under NOT RUN.
"""

from typing import NoReturn

import pytest

MARK = "NOT RUN: "


def not_run(why: str) -> NoReturn:
    """Skip the calling test because something it needs is not on this machine. `why` names it and how to get it."""
    pytest.skip(MARK + why)


def summarize(reporter: pytest.TerminalReporter) -> None:
    """Write the lines `NOT RUN: 3 tests: PostgreSQL is not installed ...`, one for each reason, if there is any."""
    reasons: dict[str, int] = {}
    for report in reporter.stats.get("skipped", []):
        _file, _line, text = report.longrepr
        if MARK in text:
            why = text.split(MARK, 1)[1]
            reasons[why] = reasons.get(why, 0) + 1
    if reasons:
        reporter.section(f"{sum(reasons.values())} tests could not run here", sep="!", red=True, bold=True)
    for why, count in sorted(reasons.items()):
        reporter.write_line(f"NOT RUN: {count} {'test' if count == 1 else 'tests'}: {why}", red=True)
