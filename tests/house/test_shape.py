"""Files are short, say what they are about, and are named for it."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import project_files, python_files, text_of

LONGEST = 400  # lines
FOLDERS = {".ci", "app", "packaging", "resources", "runbooks", "tests", "ui"}
FILES = {
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "pyproject.toml",
    "requirements.lock",
}
# A name like these says that nobody decided what the file is about.
VAGUE = {"util", "helper", "common", "misc", "base", "manager", "handler", "service"}


def test_the_top_level_is_fixed() -> None:
    top = {file.parts[0]: len(file.parts) > 1 for file in project_files()}
    assert {name for name, is_folder in top.items() if is_folder} <= FOLDERS
    assert {name for name, is_folder in top.items() if not is_folder} <= FILES


def test_no_file_is_too_long_to_be_read_in_one_go() -> None:
    lengths = {str(file): text_of(file).count("\n") for file in python_files("app", "ui")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_no_name_is_vague() -> None:
    assert [str(file) for file in python_files("app", "ui", "tests") if is_vague(file)] == []


@pytest.mark.parametrize("name", ["app/utils.py", "app/base/x.py", "ui/table_helpers.py", "app/run/event_handler.py"])
def test_a_vague_name_is_noticed(name: str) -> None:
    assert is_vague(Path(name))


@pytest.mark.parametrize("name", ["app/connectors/database.py", "app/metrics/baseline.py", "app/steps/wait.py"])
def test_a_name_that_only_sounds_like_one_is_fine(name: str) -> None:
    assert not is_vague(Path(name))


def test_every_module_says_what_it_is_about() -> None:
    silent = [str(file) for file in python_files("app", "ui", "tests") if not says_something(text_of(file))]
    assert silent == []


def test_packaging_is_a_folder_not_a_package() -> None:
    # The environment holds a real package of this name, which must stay the one that is imported.
    assert Path("packaging/__init__.py") not in project_files()


def is_vague(file: Path) -> bool:
    words = {word for part in file.with_suffix("").parts for word in part.lower().split("_")}
    return any(word.removesuffix("s") in VAGUE or word in VAGUE for word in words)


def says_something(source: str) -> bool:
    if not source.strip():
        return True  # an empty __init__.py has nothing to say
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return len(docstring.splitlines()[0].split()) > 1 if docstring else False
