"""What the window needs is said in one line before Qt could end the process without a word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ui.system import has_display, mending_line, missing

ROOT = Path(__file__).parents[2]


def test_this_machine_lacks_nothing_for_a_window_that_is_not_shown() -> None:
    assert missing({"QT_QPA_PLATFORM": "offscreen"}) == ()


def test_the_mending_line_can_be_pasted() -> None:
    assert mending_line(("libgl1", "libegl1")).endswith("apt-get install -y libgl1 libegl1")


def test_without_a_display_the_terminal_is_named() -> None:
    assert not has_display({})
    assert has_display({"DISPLAY": ":0"})
    said = subprocess.run(
        [sys.executable, "-m", "ui.main"],
        cwd=ROOT,
        env={"PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "tminus --help" in said.stderr


def test_the_first_paint_needs_nothing_heavy() -> None:
    heavy = "{'pydantic', 'sqlalchemy', 'httpx', 'paramiko', 'keyring', 'app.session', 'app.run'}"
    look = f"import sys, ui.opening; print(sorted({heavy} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
