"""A real window on a real display: started as a person would, driven by keys, looked at, and closed politely."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from app.session import list_runs, watch
from tests.servers.absent import not_run
from tests.ui.books import calm_book

pytestmark = pytest.mark.window
TOOLS = ("Xvfb", "openbox", "xdotool")
ROOT = Path(__file__).parents[2]
SHOOT = Path(__file__).parent / "shoot.py"


@pytest.fixture
def display(tmp_path: Path) -> Iterator[dict[str, str]]:
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        not_run(f"a real window needs {' and '.join(absent)}")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1500x940x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    environment = {k: v for k, v in os.environ.items() if k not in {"QT_QPA_PLATFORM", "WAYLAND_DISPLAY"}}
    environment |= {"DISPLAY": f":{number}", "PYTHONPATH": str(ROOT)}
    manager = subprocess.Popen(["openbox"], env=environment, stderr=subprocess.DEVNULL)
    yield environment
    for process in (manager, server):
        process.terminate()
        process.wait(10)


def test_a_window_starts_shows_its_first_screen_takes_keys_and_closes(display: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = [sys.executable, "-m", "ui.main", "--home", str(home)]
    window = subprocess.Popen(words, env=display, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        name = until(lambda: found(display, "Tminus"), "no window came up")
        until(lambda: colours(shoot(display, name, tmp_path / "library.png")) > 20, "the window stayed empty")
        before = shoot(display, name, tmp_path / "before.png")
        press(display, name, "ctrl+4")
        until(lambda: shoot(display, name, tmp_path / "history.png") != before, "Ctrl+4 shows no other place")
        press(display, name, "question")
        until(lambda: found(display, "Keys"), "the keys were not shown")
    finally:
        window.send_signal(signal.SIGTERM)
        _, said = window.communicate(timeout=20)
    assert window.returncode == 0
    assert "fault" not in said


def test_a_window_that_is_killed_leaves_a_run_that_can_be_watched(display: dict[str, str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "runbooks").mkdir(parents=True)
    book = home / "runbooks" / "calm.yaml"
    book.write_text(calm_book(tmp_path))
    words = [sys.executable, "-m", "ui.main", "--home", str(home), str(book)]
    window = subprocess.Popen(words, env=display, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        name = until(lambda: found(display, "Tminus"), "no window came up")
        until(lambda: colours(shoot(display, name, tmp_path / "plan.png")) > 20, "the window stayed empty")

        def started() -> bool:
            asked = found(display, "Start a run")
            if not list_runs(home):
                press(display, asked or name, "ctrl+Return")
            return bool(list_runs(home))

        until(started, "no run was started", pause=1)
    except AssertionError:
        shoot(display, "0", tmp_path / "stuck.png")
        raise
    finally:
        window.kill()
        window.wait(10)
    look = watch(home, list_runs(home)[0].run)
    assert look.driver() is None
    assert look.state.console.door == "window"
    look.close()


def until(holds: Callable[[], object], what: str, pause: float = 0.1) -> str:
    end = time.monotonic() + 50
    while True:
        answer = holds()
        if answer:
            return str(answer)
        assert time.monotonic() < end, what
        time.sleep(pause)


def found(display: dict[str, str], title: str) -> str:
    search = ["xdotool", "search", "--onlyvisible", "--name", f"^{title}"]
    lines = subprocess.run(search, env=display, check=False, capture_output=True, text=True).stdout.split()
    return lines[-1] if lines else ""


def press(display: dict[str, str], window: str, keys: str) -> None:
    subprocess.run(["xdotool", "windowactivate", "--sync", window], env=display, check=False, capture_output=True)
    subprocess.run(["xdotool", "key", "--clearmodifiers", keys], env=display, check=True, capture_output=True)


def shoot(display: dict[str, str], window: str, file: Path) -> QImage:
    words = [sys.executable, str(SHOOT), window, str(file)]
    subprocess.run(words, env=display, check=True, capture_output=True)
    return QImage(str(file))


def colours(image: QImage) -> int:
    places = ((x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7))
    return len({image.pixel(x, y) for x, y in places})
