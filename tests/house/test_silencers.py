"""Whoever tells a checker to be quiet says why, on the same line."""

import re

import pytest

from tests.house.tree import python_files, text_of

# Written in two halves, so that this file does not silence anything itself.
SILENCER = re.compile("#" + r"\s*(?:type:\s*ignore|noqa|pyright:)")
EXPLAINED = re.compile("#" + r"\s*(?:type:\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)\W+\w+\W+\w+")


def unexplained(line: str) -> bool:
    return bool(SILENCER.search(line)) and not EXPLAINED.search(line)


def test_every_silenced_checker_has_a_reason_beside_it() -> None:
    found = [
        f"{file}:{number}: {line.strip()}"
        for file in python_files("app", "ui", "tests")
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if unexplained(line)
    ]
    assert found == []


@pytest.mark.parametrize("tail", ["type: ignore", "type: ignore[arg-type]", "noqa", "noqa: S608", "noqa: S608  # ok"])
def test_a_silencer_without_a_reason_is_noticed(tail: str) -> None:
    assert unexplained(f"x = 1  # {tail}")


@pytest.mark.parametrize(
    "tail",
    ["type: ignore[misc]  # stubs say otherwise", "noqa: S608  # the name was quoted", "noqa: BLE001 - last resort"],
)
def test_a_silencer_with_a_reason_may_stay(tail: str) -> None:
    assert not unexplained(f"x = 1  # {tail}")
