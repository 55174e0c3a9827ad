"""The window's way in: system libraries first, then the first paint, and everything heavy after it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ui.system import has_display, mending_line, missing


def main(runbook: str | None = None, demo_incident: str | None = None, home: Path | None = None) -> int:
    """Show the window until it is closed; the exit status. `demo_incident` starts the demo ("" for a calm one)."""
    lacking = missing()
    if lacking:
        sys.stderr.write(mending_line(lacking) + "\n")
        return 1
    if not has_display():
        sys.stderr.write("There is no display here. Use the terminal: tminus --help\n")
        return 1
    from ui.opening import show

    return show(runbook, demo_incident, home)


def from_words(words: Sequence[str]) -> int:
    """`python -m ui.main [--home DIR] [--demo [--incident NAME]] [RUNBOOK]`."""
    parser = argparse.ArgumentParser(prog="tminus open", description="Open the window.")
    parser.add_argument("runbook", nargs="?", help="a runbook to open")
    parser.add_argument("--home", type=Path, help="where records and settings are kept")
    parser.add_argument("--demo", action="store_true", help="start the demo at once")
    parser.add_argument("--incident", default="", help="what goes wrong in the demo")
    said = parser.parse_args(words)
    return main(said.runbook, said.incident if said.demo else None, said.home)


if __name__ == "__main__":
    raise SystemExit(from_words(sys.argv[1:]))
