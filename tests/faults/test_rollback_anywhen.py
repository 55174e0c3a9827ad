"""Roll back, pressed at random instants of the demo: rows from before are identical, no acknowledged order is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AT_ONCE = 3


def pressed(folder: Path, seed: int) -> dict[str, object]:
    """One demo in a process of its own."""
    mine = folder / str(seed)
    mine.mkdir()
    words = [sys.executable, "-m", "tests.faults.pressing", str(mine), str(seed)]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, f"seed {seed}: {ended.stderr[-3000:]}"
    found = json.loads(ended.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def press_all(folder: Path, seeds: range) -> list[dict[str, object]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda seed: pressed(folder, seed), seeds))


def all_came_back(answers: list[dict[str, object]]) -> bool:
    wrong = [one for one in answers if one["found"]]
    assert wrong == []
    return sum(bool(one["back"]) for one in answers) >= len(answers) // 2


@pytest.mark.timeout(400)
def test_pressed_at_six_random_instants_nothing_is_lost(tmp_path: Path) -> None:
    assert all_came_back(press_all(tmp_path, range(6)))


@pytest.mark.faults
@pytest.mark.timeout(7200)
def test_pressed_at_five_hundred_random_instants_nothing_is_lost(tmp_path: Path) -> None:
    answers = press_all(tmp_path, range(1000, 1500))
    assert all_came_back(answers)
    print(f"{len(answers)} presses, {sum(bool(one['back']) for one in answers)} with something to undo")
