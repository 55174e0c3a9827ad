"""Real runs from the terminal, with nobody at it: how each ends, and with which exit status."""

from __future__ import annotations

import json
import os
import signal
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.cli.terminal import Cli, ended, first_line, until

TWO = """
- id: one
  steps:
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{local: {argv: [rm, FOLDER/made]}}]}
    - {id: look, changes: nothing, local: {argv: [cat, FOLDER/made]}, expect: {exit: 0}}
"""
FAILS = """
- id: one
  steps:
    - {id: make, changes: reversible, local: {argv: [touch, FOLDER/made]}, undo: [{local: {argv: [rm, FOLDER/made]}}]}
    - {id: fails, changes: nothing, local: {argv: [sh, -c, "echo why it failed; exit 3"]}ON_FAIL}
"""
GATED = """
- id: one
  steps:
    - id: slow
      changes: reversible
      local: {argv: [sh, -c, "echo $TMINUS_TICKET >>FOLDER/ledger; until [ -e FOLDER/gate ]; do sleep 0.05; done"]}
      undo: [{local: {argv: ["true"]}}]
    - {id: after, changes: nothing, local: {argv: ["true"]}}
"""
ASKS = """
- id: one
  steps:
    - {id: ready, owner: ops, check: {text: Is it ready, items: [lamp is green]}}
    - {id: go, decide: {ask: Shall we, by: [ops], need: 2}}
    - {id: last, changes: nothing, local: {argv: ["true"]}}
"""
PEOPLE = "roles: {ops: {people: [ana, raj]}}"
BACK = "rollback: {to: start, est: 1m}"


def test_a_run_says_its_id_first_and_exits_0_when_it_is_done(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK))
    assert ran.code == 0, ran.err
    run = ran.out.splitlines()[0]
    assert run == cli.only_run()
    assert (cli.folder / "made").exists()
    words = [line.split()[1] for line in ran.out.splitlines()[1:] if line.strip().startswith("T")]
    assert words.count("start") == words.count("done") == 2
    told = [(x["step"], x["attempt"], x["kind"], x["state"]) for x in cli("account", run).lines()]
    assert told == cli.account(run) == [("make", 1, "do", "done"), ("look", 1, "do", "done")]


def test_estimates_stand_beside_what_it_took_and_who_does_it(cli: Cli) -> None:
    ran = cli(
        "run",
        cli.book(
            "- {id: p, steps: [{id: a, owner: ops, est: 2m, changes: nothing, local: {argv: [echo, x]}}]}", PEOPLE
        ),
    )
    assert "[owner ops, est. 2 min]" in ran.out
    assert "T+0:00:0" in ran.out


def test_json_is_one_object_a_line_from_the_id_to_the_end(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--json")
    lines = ran.lines()
    assert set(lines[0]) == {"run"}
    assert [line["event"] for line in lines[1:3]] == ["RunOpened", "ConsoleAttached"]
    assert lines[-1] == {"run": lines[0]["run"], "exit": 0, "says": "Done.", "then": lines[-1]["then"]}


@pytest.mark.parametrize("on_fail", ["", ", on_fail: stop"])
def test_a_failed_step_exits_7_and_shows_what_it_wrote(cli: Cli, on_fail: str) -> None:
    ran = cli("run", cli.book(FAILS.replace("ON_FAIL", on_fail), BACK))
    assert ran.code == 7
    assert "| why it failed" in ran.out
    assert "tminus rollback" in ran.err


def test_a_failure_that_the_runbook_answers_with_rollback_exits_8(cli: Cli) -> None:
    ran = cli("run", cli.book(FAILS.replace("ON_FAIL", ", on_fail: rollback"), BACK))
    assert ran.code == 8, ran.out + ran.err
    assert not (cli.folder / "made").exists()
    assert ("make/undo/1", 1, "undo", "done") in cli.account(cli.only_run())


def test_an_undo_that_fails_exits_9(cli: Cli) -> None:
    book = cli.book(
        "- {id: p, steps: [{id: a, changes: reversible, local: {argv: ['true']}, undo: [{local: {argv: ['false']}}]}]}",
        BACK,
    )
    run = cli("run", book).out.splitlines()[0]
    ran = cli("rollback", run)
    assert ran.code == 9, ran.out + ran.err
    assert cli("step", run, "a/undo/1", "skip", "--reason", "never mind").code == 0
    assert cli("resume", run).code == 9


def test_a_runbook_with_errors_is_refused_with_all_of_them(cli: Cli) -> None:
    ran = cli("run", cli.book("- {id: p, stepz: []}"))
    assert ran.code == 1
    assert "error RB" in ran.err
    assert cli("runs", "--json").json() == []


@pytest.mark.parametrize(
    ("words", "says", "code"),
    [
        (["--param", "x"], "NAME=VALUE", 2),
        (["--param", "x=1"], "no parameter", 1),
        (["--env", "moon"], "moon", 1),
        (["--until", "nowhere"], "nowhere", 1),
        (["--answer", "nonsense"], "STEP=VALUE", 2),
        (["--answers", "nowhere.txt"], "nowhere.txt", 1),
    ],
)
def test_what_is_given_wrongly_is_refused_before_anything_starts(
    cli: Cli, words: list[str], says: str, code: int
) -> None:
    ran = cli("run", cli.book(TWO, BACK), *words)
    assert ran.code == code, ran.out
    assert says in ran.err
    assert not (cli.folder / "made").exists()


def test_a_question_and_nobody_there_exits_10_and_says_how_to_answer(cli: Cli) -> None:
    ran = cli("run", cli.book(ASKS, PEOPLE))
    run = ran.out.splitlines()[0]
    assert ran.code == 10
    assert "[ ] lamp is green" in ran.out
    assert f"tminus resume {run} --answer ready=done" in ran.err


def test_answers_come_from_options_and_files_and_may_be_other_peoples(cli: Cli) -> None:
    (cli.folder / "answers").write_text("# said in the meeting\n\ngo=go@ana,raj\n")
    ran = cli("run", cli.book(ASKS, PEOPLE), "--answer", "ready=done", "--answers", "answers")
    assert ran.code == 0, ran.out + ran.err
    assert "raj answered go" in ran.out


def test_an_answer_of_somebody_who_is_not_asked_is_refused_and_the_run_waits(cli: Cli) -> None:
    ran = cli("run", cli.book(ASKS, PEOPLE), "--answer", "ready=done", "--answer", "go=go@eve")
    assert ran.code == 10
    assert "eve is not asked here" in ran.out


def test_an_answer_that_was_not_asked_for_is_named(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--answer", "nobody=done")
    assert ran.code == 0
    assert "nobody=done was not asked for" in ran.err


def test_no_go_stops_the_run(cli: Cli) -> None:
    ran = cli("run", cli.book(ASKS, PEOPLE), "--answer", "ready=done", "--answer", "go=no-go@raj")
    assert ran.code == 7
    assert "No-go, says raj" in ran.out


def test_until_holds_after_the_step_and_release_goes_on(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--until", "make")
    run = ran.out.splitlines()[0]
    assert ran.code == 0
    assert "Held after make" in ran.out
    assert cli.account(run)[1] == ("look", 0, "do", "not-run")
    assert cli("release", run).code == 0
    assert cli("resume", run).code == 0
    assert cli.account(run)[1] == ("look", 1, "do", "done")


def test_the_record_goes_where_it_is_wanted_and_is_found_there(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--record", "here.tminus")
    assert ran.code == 0
    assert cli("verify", "here.tminus").code == 0
    assert cli("run", cli.book(TWO, BACK), "--record", "here.tminus").code == 1


def test_a_record_that_cannot_be_written_exits_5_and_nothing_starts(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--record", "/proc/nowhere/x.tminus")
    assert ran.code == 5
    assert not (cli.folder / "made").exists()


def test_production_is_confirmed_by_word_and_nobody_there_exits_10(cli: Cli) -> None:
    more = BACK + "\nenvironments: {live: {production: true, confirm: really}}"
    ran = cli("run", cli.book(TWO, more), "--env", "live")
    assert ran.code == 10
    assert "--yes" in ran.err
    assert cli("run", cli.book(TWO, more), "--env", "live", "--yes").code == 0


def test_a_kind_of_a_later_version_is_refused_by_name(cli: Cli) -> None:
    more = "databases: {a: {url: 'sqlite:///FOLDER/a.db'}, b: {url: 'sqlite:///FOLDER/b.db'}}"
    book = cli.book("- {id: p, steps: [{id: far, compare: {left: a, right: b}}]}", more)
    ran = cli("run", book)
    assert ran.code == 1
    assert "far" in ran.err
    assert cli("preflight", book).code == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_go_and_stops_nothing(cli: Cli, number: signal.Signals) -> None:
    process = cli.start("run", cli.book(GATED, BACK))
    run = first_line(process)
    until((cli.folder / "ledger").exists, "the step started")
    os.kill(process.pid, number)
    ran = ended(process)
    assert ran.code == 130
    assert f"tminus resume {run}" in ran.out
    (cli.folder / "gate").touch()
    assert cli("resume", run).code == 0
    assert (cli.folder / "ledger").read_text().split() == [f"{run}/slow/1"]
    assert cli("verify", run).code == 0


def test_a_console_that_is_killed_is_resumed_and_nothing_runs_twice(cli: Cli) -> None:
    process = cli.start("run", cli.book(GATED, BACK))
    run = first_line(process)
    until((cli.folder / "ledger").exists, "the step started")
    process.kill()
    ended(process)
    assert cli("show", run, "--json").json()["driven_by"] == ""
    (cli.folder / "gate").touch()
    ran = cli("resume", run)
    assert ran.code == 0, ran.out + ran.err
    assert "ended without a word" in ran.out
    assert (cli.folder / "ledger").read_text().split() == [f"{run}/slow/1"]
    assert cli.account(run) == [("slow", 1, "do", "done"), ("after", 1, "do", "done")]


def test_two_consoles_cannot_drive_one_run(cli: Cli) -> None:
    process = cli.start("run", cli.book(GATED, BACK))
    run = first_line(process)
    until((cli.folder / "ledger").exists, "the step started")
    second = cli("resume", run)
    assert second.code == 3
    assert "ana" in second.err
    (cli.folder / "gate").touch()
    assert ended(process).code == 0


class Swallows(socketserver.StreamRequestHandler):
    """Takes a request and hangs up without a word, so that nobody knows what it did."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass


@pytest.fixture
def black_hole() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Swallows) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_an_outcome_that_nobody_knows_exits_4_and_waits_for_a_word(cli: Cli, black_hole: int) -> None:
    post = f"- {{id: p, steps: [{{id: post, changes: reversible, undo: {{none: x}}, http: {{method: POST, url: 'http://127.0.0.1:{black_hole}/'}}}}]}}"
    ran = cli("run", cli.book(post))
    run = ran.out.splitlines()[0]
    assert ran.code == 4, ran.out + ran.err
    assert "in doubt" in ran.err
    assert cli.account(run) == [("post", 1, "do", "in-doubt")]
    assert cli("step", run, "post", "done").code == 1
    assert cli("step", run, "post", "done", "--reason", "the other side has it").code == 0
    assert cli("resume", run).code == 0
    assert cli.account(run) == [("post", 1, "do", "done")]


def test_a_failed_step_is_tried_again_from_another_command(cli: Cli) -> None:
    book = cli.book("- {id: p, steps: [{id: a, changes: nothing, local: {argv: [cat, FOLDER/x]}}]}")
    run = cli("run", book).out.splitlines()[0]
    (cli.folder / "x").touch()
    said = cli("step", run, "a", "retry", "--reason", "it is there now", "--json")
    assert said.code == 0
    assert said.json()["taken"] is False
    assert cli("resume", run).code == 0
    assert cli.account(run) == [("a", 1, "do", "failed"), ("a", 2, "do", "done")]


def test_an_unknown_run_is_refused_by_every_verb(cli: Cli) -> None:
    for words in (["show"], ["log"], ["account"], ["verify"], ["resume"], ["rollback"], ["hold"], ["release"]):
        ran = cli(*words, "20990101")
        assert ran.code == 1, words
        assert "no such run" in ran.err


def test_a_secret_asked_at_the_console_exits_10_when_nobody_is_there(cli: Cli) -> None:
    more = "secrets: {pw: {from: prompt}}"
    step = "- {id: p, steps: [{id: a, changes: nothing, local: {argv: ['true'], env: {PW: '${secrets.pw}'}}}]}"
    ran = cli("run", cli.book(step, more))
    assert ran.code == 10
    assert "pw" in ran.err


def test_a_secret_is_in_no_output_and_no_record(cli: Cli) -> None:
    secret = "s3cret-enough-to-see"
    step = (
        "- {id: p, steps: [{id: a, changes: nothing, local: {argv: [sh, -c, 'echo $PW'], env: {PW: '${secrets.pw}'}}}]}"
    )
    path = cli.book(step, "secrets: {pw: {from: env, name: THE_PW}}")
    os.environ["THE_PW"] = secret
    try:
        ran = cli("run", path, "--verbose")
    finally:
        del os.environ["THE_PW"]
    run = ran.out.splitlines()[0]
    told = ran.out + ran.err + cli("log", run, "--output").out + json.dumps(cli("log", run, "--json").out)
    assert ran.code == 0
    assert secret not in told
    assert "***" in told


def test_an_approval_is_a_second_persons_and_never_the_operators(cli: Cli) -> None:
    steps = """
- id: p
  steps:
    - {id: drop, changes: reversible, approve: {by: [ops]}, local: {argv: ["true"]}, undo: [{local: {argv: ["true"]}}]}
"""
    ran = cli("run", cli.book(steps, PEOPLE + "\n" + BACK), "--answer", "drop=approve")
    run = ran.out.splitlines()[0]
    assert ran.code == 10
    assert "The operator cannot be the one who approves." in ran.out
    assert "drop=approve@NAME" in ran.err
    assert cli("resume", run, "--answer", "drop=approve@raj").code == 0
    assert cli.account(run) == [("drop", 1, "do", "done")]


def test_a_record_that_lies_elsewhere_is_named_by_its_path_in_what_to_type_next(cli: Cli) -> None:
    ran = cli("run", cli.book(TWO, BACK), "--record", "my here.tminus")
    assert ran.code == 0, ran.out + ran.err
    path = cli.folder / "my here.tminus"
    assert f"tminus rollback '{path}'" in ran.out
    assert cli("rollback", str(path), "--now").code == 8
