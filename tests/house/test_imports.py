"""What the product imports is what pyproject.toml asks for: nothing that only happens to be installed."""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, python_files, text_of

OWN = {"app", "ui", "tests"}
HALVES = {"pydantic-core", "shiboken6"}  # the other halves of pydantic and PySide6, pinned by them


def declared(*, for_tests: bool) -> set[str]:
    """The names of the distributions that the product (or its tests too) may import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted: list[str] = list(project["project"]["dependencies"])
    if for_tests:
        wanted += project["dependency-groups"]["dev"]
    return {canonicalize_name(Requirement(text).name) for text in wanted}


def imported(file: Path) -> Iterator[str]:
    """The top-level names of every absolute import of a file, wherever it stands in it."""
    for node in ast.walk(ast.parse(text_of(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def undeclared(file: Path, allowed: set[str]) -> set[str]:
    """What this file imports that is neither ours, nor Python's, nor of an allowed distribution."""
    foreign = set(imported(file)) - OWN - sys.stdlib_module_names
    return {name for name in foreign if not {canonicalize_name(owner) for owner in owners().get(name, ())} & allowed}


@cache
def owners() -> Mapping[str, list[str]]:
    """Top-level name -> the installed distributions that hold it."""
    return packages_distributions()


def test_the_product_imports_only_its_declared_dependencies() -> None:
    allowed = declared(for_tests=False) | HALVES
    found = {str(file): names for file in python_files("app", "ui") if (names := undeclared(file, allowed))}
    assert found == {}


def test_the_tests_import_only_declared_dependencies() -> None:
    allowed = declared(for_tests=True) | HALVES
    found = {str(file): names for file in python_files("tests") if (names := undeclared(file, allowed))}
    assert found == {}


def test_an_import_of_something_that_merely_happens_to_be_installed_is_noticed() -> None:
    assert undeclared(Path("tests/house/test_imports.py"), allowed=set()) == {"packaging"}
