"""The import contracts of pyproject.toml are alive: a planted breach of each of them is found."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT

BREACHES = {
    "Floors": ("app/steps/planted.py", "import app.journal"),
    "The app never knows that there is a screen": ("app/reports/planted.py", "import PySide6.QtCore"),
    "The pure floors do no I/O and keep no time": ("app/run/planted.py", "import os.path"),
    "Drivers, ssh and processes live in the connectors": ("app/steps/planted.py", "import subprocess"),
    "Threads live in the connectors; the session starts the engine's": ("app/engine/planted.py", "import threading"),
    "The window reads values and talks to the session": ("ui/planted.py", "import app.engine"),
}
ALLOWED = {
    "app/connectors/planted.py": "import paramiko, psycopg, subprocess, threading",
    "app/demo/planted.py": "import subprocess",
    "app/session.py": "import threading, app.connectors",
    "ui/planted.py": "import app.session, app.run, app.errors, app.shipped",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house with every room of the contract and nothing in them."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    layers = contracts()[0]["layers"]
    rooms = [room.strip(" ()") for layer in layers for room in layer.split("|")]
    for room in ["app", "ui", *(f"app/{room}" for room in rooms if room != "session")]:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "app/session.py").touch()
    for pure in ("baseline", "freshness", "rule", "window"):  # named one by one, because the sources beside them do I/O
        (tmp_path / f"app/metrics/{pure}.py").touch()
    return tmp_path


def contracts() -> list[dict[str, list[str]]]:
    written: list[dict[str, list[str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    return written


def lint(folder: Path) -> str:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_what_the_floors_allow_is_allowed(house: Path) -> None:
    for file, line in ALLOWED.items():
        (house / file).write_text(line)
    said = lint(house)
    assert f"{len(BREACHES)} kept, 0 broken" in said, said


@pytest.mark.parametrize("contract", BREACHES)
def test_a_breach_is_found(house: Path, contract: str) -> None:
    file, line = BREACHES[contract]
    (house / file).write_text(line)
    said = lint(house)
    assert f"{contract} BROKEN" in said, said


def test_a_new_room_must_be_given_its_floor(house: Path) -> None:
    (house / "app/attic.py").touch()
    assert "app.attic" in lint(house)
