"""The command line runs without a screen: it never loads a part of the window."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

SCRIPT = """
import sys
from importlib import import_module

sys.argv = ["tminus", *sys.argv[1:]]
main = import_module("app.cli.main").main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
loaded = {name.partition(".")[0] for name in sys.modules} & {"PySide6", "shiboken6", "qasync", "ui"}
assert not loaded, f"the command line loaded {sorted(loaded)}"
"""


@pytest.mark.parametrize("verb", [["--help"], ["schema"]], ids=" ".join)
def test_the_command_line_leaves_the_window_unloaded(verb: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *verb], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()
