"""The lock pins everything that pyproject.toml asks for, with hashes, for every Python that is allowed."""

import re
import tomllib
from collections.abc import Set as AbstractSet

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT


def locked() -> dict[str, tuple[Requirement, int]]:
    """Name -> (pinned requirement, number of hashes)."""
    entries = re.sub(r"\\\n", " ", (ROOT / "requirements.lock").read_text()).splitlines()
    pinned: dict[str, tuple[Requirement, int]] = {}
    for line in entries:
        if line.strip() and not line.lstrip().startswith("#"):
            requirement, *hashes = line.split("--hash=")
            parsed = Requirement(requirement.strip())
            pinned[canonicalize_name(parsed.name)] = (parsed, len(hashes))
    return pinned


def asked_for() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [Requirement(text) for text in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]]


@pytest.mark.parametrize("wanted", asked_for(), ids=lambda wanted: wanted.name)
def test_the_lock_holds_a_version_that_pyproject_allows(wanted: Requirement) -> None:
    pinned, _ = locked()[canonicalize_name(wanted.name)]
    (specifier,) = pinned.specifier
    assert specifier.operator == "=="
    assert wanted.specifier.contains(specifier.version, prereleases=True), "run `make lock`"


def test_every_line_of_the_lock_has_its_hashes() -> None:
    assert [name for name, (_, hashes) in locked().items() if not hashes] == []


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_what_is_asked_for_is_locked_on_every_python(version: str) -> None:
    here: dict[str, str | AbstractSet[str]] = {"python_version": version, "python_full_version": f"{version}.0"}
    names = {name for name, (line, _) in locked().items() if line.marker is None or line.marker.evaluate(here)}
    assert {canonicalize_name(wanted.name) for wanted in asked_for()} <= names


def test_the_build_backend_is_locked_because_the_project_is_installed_without_build_isolation() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert {canonicalize_name(Requirement(text).name) for text in project["build-system"]["requires"]} <= set(locked())
