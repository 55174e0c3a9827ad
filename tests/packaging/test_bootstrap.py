"""What is missing on a machine is named in one line to run, and nothing else is asked for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL_TOOLS = ("cat", "dirname", "env", "grep", "ls", "rm", "sh", "uname")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The PATH of a Debian machine of an ordinary user on which nothing is installed that Tminus asks for."""
    for tool in SHELL_TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    program(tmp_path / "id", "echo 1000")
    program(tmp_path / "apt-get", "exit 99")
    program(tmp_path / "ldconfig", "printf '\\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\\n'")
    return tmp_path


def program(file: Path, body: str) -> None:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)


def bootstrap(machine: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    script = [str(ROOT / "packaging/bootstrap"), *arguments]
    ran = subprocess.run(
        script, env={"PATH": str(machine), **environment}, capture_output=True, text=True, check=False, timeout=30
    )
    return ran.returncode, ran.stdout + ran.stderr


def line_to_run(said: str) -> str:
    (line,) = [line for line in said.splitlines() if "sudo apt-get update && sudo apt-get install" in line]
    return line


def test_a_user_without_root_gets_the_one_line_to_run(machine: Path) -> None:
    code, said = bootstrap(machine, "system", "test")
    assert code == 0, "the tests go on and count what cannot run"
    assert {"libegl1", "libxkbcommon0", "xdotool"} <= set(line_to_run(said).split())


def test_the_demo_without_a_display_needs_nothing_from_the_system(machine: Path) -> None:
    assert bootstrap(machine, "system", "demo") == (0, "")


def test_the_demo_with_a_display_asks_for_no_server(machine: Path) -> None:
    _, said = bootstrap(machine, "system", "demo", DISPLAY=":7")
    assert {"libegl1", "libxcb-cursor0"} <= set(line_to_run(said).split())
    assert not {"postgresql", "mariadb-server", "xvfb"} & set(line_to_run(said).split())


def test_a_command_that_is_there_is_not_asked_for(machine: Path) -> None:
    program(machine / "xdotool", "exit 0")
    _, said = bootstrap(machine, "system", "test")
    assert "xdotool" not in line_to_run(said)
    assert "openbox" in line_to_run(said)


def test_a_wrong_word_is_answered_with_the_right_ones(machine: Path) -> None:
    code, said = bootstrap(machine, "systen", "test")
    assert code == 1
    assert "usage: packaging/bootstrap" in said


def test_the_script_asks_for_nothing_but_posix_sh() -> None:
    shells = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]
    assert shells
    for shell in shells:
        applet = [shell, "sh"] if shell == "busybox" else [shell]
        subprocess.run([*applet, "-n", str(ROOT / "packaging/bootstrap")], check=True, env=dict(os.environ))
