"""A test that cannot run is never mistaken for one that passed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INNER = """
import pytest
from tests.servers.absent import not_run

@pytest.mark.parametrize("n", range(3))
def test_without_a_camel(n):
    not_run("no camel is installed (apt-get install camel)")

def test_skipped_for_another_reason():
    pytest.skip("not today")
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_what_could_not_run_is_listed_by_reason_and_counted(tmp_path: Path, workers: tuple[str, ...]) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_inner.py").write_text(INNER)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", *workers, "."]
    run = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60
    )
    assert "3 tests could not run here" in run.stdout, run.stdout + run.stderr
    assert "NOT RUN: 3 tests: no camel is installed (apt-get install camel)" in run.stdout
    assert "NOT RUN: 1" not in run.stdout
