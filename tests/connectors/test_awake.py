"""Keeping the machine awake: known to be held, ended with the process that asked, and refused with what was said."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.connectors.awake import stay_awake
from app.errors import Refused

ROOT = Path(__file__).resolve().parents[2]
LOCK = """#!/bin/sh
# Holds a lock file as long as the program that it runs, as an inhibitor does.
touch "{lock}"
shift
"$@"
rm -f "{lock}"
"""


def inhibitor(folder: Path, text: str = LOCK) -> tuple[str, ...]:
    """A program of the same make as systemd-inhibit: options first, then the program that it runs."""
    path = folder / "inhibit"
    path.write_text(text.format(lock=folder / "lock"))
    path.chmod(0o755)
    return (str(path), "--mode=block")


def gone(path: Path, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not path.exists()


def test_the_lock_is_held_until_it_is_ended(tmp_path: Path) -> None:
    held = stay_awake(ways=(inhibitor(tmp_path),))
    assert (tmp_path / "lock").exists()
    assert held.holds
    held.end()
    held.end()
    assert gone(tmp_path / "lock")
    assert not held.holds


def test_the_lock_ends_with_a_console_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import time; from app.connectors.awake import stay_awake; "
        f"h = stay_awake(ways=({inhibitor(tmp_path)!r},)); print('on', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        assert (tmp_path / "lock").exists()
        os.kill(process.pid, signal.SIGKILL)
    assert gone(tmp_path / "lock")


def test_one_that_fails_is_passed_over_for_the_next(tmp_path: Path) -> None:
    (tmp_path / "no").mkdir()
    failing = inhibitor(tmp_path / "no", "#!/bin/sh\necho Failed to connect to bus; exit 1\n")
    held = stay_awake(ways=(("no-such-program-here",), failing, inhibitor(tmp_path)))
    assert held.how.endswith("/inhibit")
    held.end()
    assert gone(tmp_path / "lock")


def test_where_nothing_helps_it_is_refused_with_what_was_tried(tmp_path: Path) -> None:
    failing = inhibitor(tmp_path, "#!/bin/sh\necho Failed to connect to bus; exit 1\n")
    with pytest.raises(Refused, match=r"no-such-program is not installed; .*Failed to connect to bus"):
        stay_awake(ways=(("no-such-program",), failing))
    with pytest.raises(Refused, match="nothing is known for plan9"):
        stay_awake("plan9")


def test_the_real_one_of_this_machine_holds_or_says_why_not() -> None:
    held, said = None, ""
    try:
        held = stay_awake()
    except Refused as no:
        said = no.what
    if held is not None:
        assert held.holds
        held.end()
        assert not held.holds
    else:
        assert "Nothing keeps this machine awake" in said
        assert "systemd-inhibit said" in said or shutil.which("systemd-inhibit") is None


def test_the_program_gets_what_it_needs_to_find_the_system_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PG_PASSWORD", "s3cret")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    held = stay_awake(ways=(inhibitor(tmp_path, LOCK.replace('touch "{lock}"', 'env >"{lock}"')),))
    names = {line.partition("=")[0] for line in (tmp_path / "lock").read_text().splitlines()}
    held.end()
    assert {"PATH", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"} <= names
    assert names <= {"PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_"} | {
        x for x in names if x.startswith(("DBUS_", "XDG_"))
    }
