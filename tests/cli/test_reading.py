"""The verbs that read a runbook and touch nothing: check, explain, schema, plan, doctor, and help."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.cli.doors import leave_with
from app.cli.exit_codes import MEANINGS, ExitCode
from app.cli.main import VERBS, enter
from app.shipped import runbooks_dir
from tests.cli.terminal import ROOT, Cli

GOOD = """
- id: only
  steps:
    - {id: look, title: Look, owner: ops, est: 1m, check: {text: Look}}
"""
ROLES = "roles: {ops: {people: [ana, raj]}}"


def test_help_names_every_verb_with_a_line_each(cli: Cli) -> None:
    ran = cli("--help")
    assert ran.code == 0
    listed = {line.split()[0] for line in ran.out.splitlines() if line.startswith("  ") and line.strip()}
    assert set(VERBS) <= listed


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_of_its_own(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert leave_with(lambda: enter([verb, "--help"])) == 0
    told = capsys.readouterr()
    assert f"Usage: tminus {verb} " in told.out
    assert told.err == ""


def test_the_list_of_verbs_loads_none_of_them(cli: Cli) -> None:
    assert loaded_by(cli, "--help").isdisjoint({"app.cli.run", "app.run", "app.session", "rich"})


def test_every_exit_status_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)
    assert sorted(map(int, ExitCode)) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130]


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["check"],
        ["check", "--nonsense", "x"],
        ["plan", "x", "--format", "doc"],
        ["secret", "set"],
        ["host", "trust"],
        ["baseline", "x", "--for", "nonsense"],
        ["baseline", "x", "--for", "5"],
    ],
)
def test_a_wrong_command_line_exits_2_and_says_so_on_stderr(cli: Cli, words: list[str]) -> None:
    ran = cli(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.startswith("tminus: ")
    assert "Traceback" not in ran.err


def test_a_good_runbook_has_no_problems(cli: Cli) -> None:
    ran = cli("check", cli.book(GOOD, ROLES))
    assert (ran.code, ran.err) == (0, "")
    assert "error" not in ran.out.replace("0 errors", "")


def test_all_problems_of_all_files_are_told_with_place_and_code(cli: Cli) -> None:
    path = cli.book("- id: one\n  stepz: []\n- id: one\n  steps: [{id: A, check: {text: x}, est: 5}]\n")
    ran = cli("check", path, "missing.yaml")
    assert ran.code == 1
    found = [line for line in ran.out.splitlines() if line.startswith(f"{path}:") and ": error RB" in line]
    assert len(found) >= 3
    assert all(line.split(":")[1].isdigit() for line in found)
    assert "missing.yaml: error" in ran.out


def test_warnings_block_only_when_asked_to(cli: Cli) -> None:
    path = cli.book("- {id: p, steps: [{id: a, check: {text: x}}]}\n")
    assert cli("check", path).code == 0
    assert "warning" in cli("check", path).out
    assert cli("check", path, "--strict").code == 1


def test_check_as_json_has_stable_names(cli: Cli) -> None:
    path = cli.book("- id: one\n  stepz: []\n")
    ran = cli("check", path, "--json")
    assert ran.code == 1
    tree = ran.json()
    assert tree["ok"] is False
    problem = tree["files"][0]["problems"][0]
    assert set(problem) == {"code", "severity", "what", "hint", "file", "line", "column", "path"}


def test_an_unknown_environment_is_a_problem(cli: Cli) -> None:
    ran = cli("check", cli.book(GOOD, ROLES), "--env", "moon")
    assert ran.code == 1
    assert "moon" in ran.out


def test_a_runbook_cannot_speak_to_the_terminal(cli: Cli) -> None:
    path = cli.folder / "bad\x1b]0;name\x07.yaml"
    path.write_bytes(b'runbook: 1\nname: "a\\e[2J"\nphases: []\n\x1b[31m: x\n')
    ran = cli("check", str(path))
    assert ran.code == 1
    assert "\x1b" not in ran.out + ran.err
    assert "\x07" not in ran.out + ran.err


def test_explain_tells_what_a_code_means_and_lists_them_all(cli: Cli) -> None:
    listed = cli("explain").out.splitlines()
    assert len(listed) > 15
    code = listed[0].split()[0]
    told = cli("explain", code.lower())
    assert told.code == 0
    assert "Wrong:" in told.out
    assert cli("explain", code, "--json").json()["code"] == code
    assert cli("explain", "RB999").code == 1


def test_the_schema_is_json(cli: Cli) -> None:
    assert "$schema" in cli("schema").json()


def test_the_plan_comes_in_three_forms_and_into_a_file(cli: Cli) -> None:
    book = str(runbooks_dir() / "50-orders-demo.yaml")
    assert cli("plan", book).out.startswith("# ")
    assert cli("plan", book, "--format", "html").out.startswith("<!doctype html>")
    assert cli("plan", book, "--format", "json").json()["sections"][0]["id"] == "summary"
    target = cli.folder / "plan.md"
    assert cli("plan", book, "-o", str(target)).out == ""
    assert target.read_text().startswith("# ")
    assert cli("plan", book, "-o", "/no/such/folder/x").code == 1


def test_the_doctor_changes_nothing_and_says_the_same_as_json(cli: Cli) -> None:
    ran = cli("doctor", "--json")
    assert ran.code in {0, 1}
    tree = ran.json()
    assert tree["ok"] == (ran.code == 0)
    subjects = [finding["subject"] for finding in tree["findings"]]
    assert subjects == ["python", "packages", "sqlite", "records", "keyring", "shell", "qt", "qt libraries", "display"]
    for finding in tree["findings"]:
        assert finding["word"] in {"ok", "note", "missing"}
        assert finding["mend"] or finding["word"] == "ok"
    assert list(cli.home.iterdir()) == []


def test_without_a_display_the_window_is_refused_with_a_way_on(cli: Cli) -> None:
    env = {k: v for k, v in cli.env().items() if k not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    if sys.platform != "linux":
        pytest.skip("there is always a display here")
    for words in ([], ["open"]):
        ran = subprocess.run(cli.command(*words), env=env, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == 1
        assert "no display" in ran.stderr


def test_settings_that_cannot_be_understood_are_named(cli: Cli) -> None:
    (cli.home / "settings.json").write_text("{")
    ran = cli("runs")
    assert ran.code == 1
    assert "settings.json" in ran.err


def test_home_may_stand_before_and_after_the_verb(cli: Cli) -> None:
    other = cli.folder / "other"
    (other / "runs").mkdir(parents=True)
    for words in (["--home", str(other), "runs", "--json"], ["runs", "--json", "--home", str(other)]):
        assert cli(*words).json() == []


def test_reading_verbs_load_neither_the_window_nor_drivers_nor_rich(cli: Cli) -> None:
    loaded = loaded_by(cli, "check", cli.book(GOOD, ROLES))
    assert loaded.isdisjoint(
        {"PySide6", "shiboken6", "qasync", "ui", "paramiko", "sqlalchemy", "httpx", "keyring", "rich"}
    )


def test_a_run_leaves_the_window_unloaded(cli: Cli) -> None:
    book = cli.book("- {id: p, steps: [{id: a, changes: nothing, local: {argv: ['true']}}]}")
    assert loaded_by(cli, "run", book).isdisjoint({"PySide6", "shiboken6", "qasync", "ui", "paramiko", "sqlalchemy"})


def loaded_by(cli: Cli, *words: str) -> set[str]:
    """Every module that this command has loaded when it ends."""
    script = (
        "import json, sys\nfrom app.cli.doors import leave_with\nfrom app.cli.main import enter\n"
        "assert not leave_with(lambda: enter(sys.argv[1:]))\nprint(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *words],
        env=cli.env(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(json.loads(ran.stderr))
