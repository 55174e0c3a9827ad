"""Run the whole suite in parallel; what fails beside others is looked at once more, alone.

Many tests drive real servers, shells and windows against real clocks, and two of them on one small machine can starve
a third. A few failures are therefore run again, one after the other. Nothing is hidden: a test that passed only then
is named and counted in a loud line, a test that fails twice fails the suite, and so do more than a few failures.

    python -m tests.suite [argument of pytest ...]
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FEW = 12
TESTS_FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Exit as pytest does: 0 when every test passed, if need be alone."""
    code = _pytest(arguments)
    if code != TESTS_FAILED:
        return code
    failed = _failed()
    if not 0 < len(failed) <= FEW:
        return code
    print(f"\n{len(failed)} failed beside others; each is run once more, alone.\n", flush=True)
    code = _pytest(["-q", "-n", "0", *failed])
    still = _failed() if code else []
    for test in failed:
        print(f"!!! {'FAILED TWICE' if test in still else 'PASSED ONLY ALONE'}: {test}", flush=True)
    return code


def _pytest(arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], check=False).returncode


def _failed() -> list[str]:
    path = Path(".pytest_cache/v/cache/lastfailed")
    return sorted(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
