"""The shipped files are found wherever Tminus runs from."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.shipped import resources_dir, runbooks_dir

ROOT = Path(__file__).resolve().parents[1]
ASK = "from app.shipped import resources_dir, runbooks_dir; print(runbooks_dir(), resources_dir(), sep='\\n')"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel, as pip unpacks it."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as contents:
        contents.extractall(folder / "site")
    return folder / "site"


def test_a_checkout_has_them_beside_the_app() -> None:
    assert runbooks_dir() == ROOT / "runbooks"
    assert resources_dir() == ROOT / "resources"


def test_an_installed_wheel_carries_them_along(installed: Path) -> None:
    # -S: without site-packages, so that the editable install of this checkout cannot answer.
    asked = subprocess.run([sys.executable, "-S", "-c", ASK], cwd=installed, capture_output=True, text=True, check=True)
    runbooks, resources = map(Path, asked.stdout.splitlines())
    assert runbooks.is_relative_to(installed)
    assert names(runbooks) == names(ROOT / "runbooks")
    assert names(resources) == names(ROOT / "resources")


def test_a_wheel_holds_the_two_packages_and_nothing_else(installed: Path) -> None:
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"app", "ui"}


def names(folder: Path) -> set[Path]:
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
