"""Everything that the issue calls bad input and faults, at hosts, each in a whole run over a real sshd.

    fault                       in a whole run                             at the part that meets it
    wrong password              here, ..._of_databases                     connectors/test_ssh, contract/test_database
    unknown host                here, cli/test_host (trusting it)          connectors/test_ssh, test_ssh_trust
    changed key                 here, in the middle of a run               connectors/test_ssh, test_ssh_trust
    expired certificate         ..._of_certificates
    closed port                 steps/test_host, ..._of_databases          connectors/test_ssh, test_http
    black hole                  steps/test_host (told within 10 s), here   connectors/test_ssh, contract/test_database
    disk full at the target     here, ..._of_databases                     connectors/test_local
    kill -9 of sshd             here, test_line_cut (its sessions)
    kill -9 of the database     ..._of_databases, mid-step and mid-commit  contract/test_killed_servers
    laptop asleep 2 minutes     here, test_console_killed_over_ssh         engine/test_vitals
    1 GB of output              here                                       contract/test_commands
    binary output, escapes      here                                       contract/test_commands, cli/test_telling
    a prompt for a password     here                                       contract/test_commands
    a command that ignores TERM steps/test_host                            contract/test_commands, test_detached
    dash, bash, busybox ash     here, a run and a stop in each             contract/test_commands
    the console is killed       test_console_killed, ..._over_ssh, ..._over_sql
    a password, ProxyCommand    test_ways_in                               connectors/test_ssh

(`..._of_databases` is test_bad_input_of_databases beside this file, and so on.)

Each asserts the sentence that the operator reads, what the target itself counted (nothing lost, nothing twice), and
that the record verifies (`Trial`).
"""

from __future__ import annotations

import base64
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.connectors.ssh_trust import Trust
from app.errors import Refused
from app.run import events as e
from app.run.state import RunState, Status
from app.session import Session, verify_run
from tests.cli.terminal import Cli
from tests.cli.terminal import until as cli_until
from tests.lab import sshd
from tests.lab.books import NAMES, home_for, hosts
from tests.lab.line import Line
from tests.lab.sshd import Lab, make_key, public_key
from tests.lab.trial import PATIENCE, Trial
from tests.lab.walled import mortal_sshd, must_be_root, walled
from tests.servers.absent import not_run
from tests.servers.share import SHARE
from tests.session.conversation import r, until

ONCE = "echo $TMINUS_TICKET >>LEDGER"
CAP = 64 << 20


@pytest.fixture
def trial(lab: Lab, tmp_path: Path) -> Iterator[Trial]:
    with Trial(tmp_path, home_for(lab, tmp_path), hosts(lab, names=("web1",))) as made:
        yield made


@pytest.fixture
def broken_line(lab: Lab, line: Line, tmp_path: Path) -> Iterator[Trial]:
    """Runs whose hosts are reached over a line that the test may cut."""
    with Trial(tmp_path, home_for(lab, tmp_path, line.port), hosts(lab, line.port, ("web1",))) as made:
        yield made


def far(script: str, name: str = "web1") -> str:
    return (
        f"host: {{name: {name}, script: {script!r}}}".replace("'", '"') if "'" not in script else _quoted(script, name)
    )


def _quoted(script: str, name: str) -> str:
    return f"host: {{name: {name}, script: '{script.replace(chr(39), chr(39) * 2)}'}}"


def output(session: Session, stream: str = "out") -> bytes:
    """What the record holds of the step's stream."""
    with session.reader() as reader:
        found = [one.event for one in reader.since(0) if isinstance(one.event, e.OutputCaptured)]
    return b"".join(base64.b64decode(one.data) for one in found if one.stream == stream and one.address == "s")


# ---------------------------------------------------------------- who lets whom in


def test_a_wrong_password_stops_before_anything_is_recorded_and_is_not_repeated(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_PW", "hunter2-hunter2")
    host = f"{{address: 127.0.0.1, port: {lab.port}, user: {lab.user}, password: web-pw}}"
    more = f"secrets: {{web-pw: {{from: env, name: WEB_PW}}}}\nhosts: {{web1: {host}}}"
    trial = Trial(tmp_path, home_for(lab, tmp_path), more)
    with pytest.raises(Refused) as told:
        trial.step(far(ONCE))
    said = str(told.value)
    assert "refused the login" in said and "the password web-pw" in said and "Nothing was started" in said
    assert "hunter2" not in repr(told.value.args) and not trial.records and not trial.ledger


def test_a_host_that_nobody_knows_stops_before_anything_is_recorded(lab: Lab, tmp_path: Path) -> None:
    trial = Trial(tmp_path, tmp_path / "home", hosts(lab))
    with pytest.raises(Refused) as told:
        trial.step(far(ONCE))
    said = str(told.value)
    assert "is not known" in said and lab.host_key().fingerprint in said and "tminus host trust" in said
    assert not trial.records and not trial.ledger


def test_a_key_that_changes_in_the_middle_of_a_run_stops_the_step_and_shows_both(
    broken_line: Trial, lab: Lab, line: Line, tmp_path: Path
) -> None:
    trial = broken_line
    session = trial.step(far(ONCE))
    other = public_key(make_key(tmp_path / "other", "ed25519").with_suffix(".pub"))
    (trial.home / "known_hosts").unlink()
    Trust(trial.home / "known_hosts").add("127.0.0.1", line.port, other)  # so the host now shows another than this
    line.cut("reset")  # the connection that preflight warmed up is gone
    trial.go(session)
    state = trial.see(session, Status.FAILED)
    said = trial.says(session, e.StepFailed)
    assert "never started" in said and "has changed" in said
    assert other.fingerprint in said and lab.host_key().fingerprint in said
    assert not trial.ledger
    (trial.home / "known_hosts").unlink()
    Trust(trial.home / "known_hosts").add("127.0.0.1", line.port, lab.host_key())
    trial.again(session)
    assert trial.ledger == {f"{state.run}/s/2": 1}


# ---------------------------------------------------------------- a network and a server that go away


def test_an_sshd_that_is_killed_in_the_middle_of_a_step_loses_nothing(tmp_path: Path) -> None:
    with (
        mortal_sshd(tmp_path / "sshd") as server,
        Trial(tmp_path, home_for(server.lab, tmp_path), hosts(server.lab, names=("web1",))) as trial,
    ):
        script = f"{ONCE}; echo before; while [ ! -e FOLDER/go ]; do sleep 0.1; done; echo after"
        session = trial.step(far(script))
        trial.go(session)
        until(session, lambda s: ("s", 1, "out") in s.seen, PATIENCE)
        assert server.kill() >= 2, "the daemon and a session"
        (tmp_path / "go").touch()
        server.start()
        state = trial.finished(session)
        assert trial.ledger == {f"{state.run}/s/1": 1} and output(session) == b"before\nafter\n"
        assert "s is done, seen from host web1" in trial.says(session, e.StepSucceeded)


# ---------------------------------------------------------------- a full disk


@pytest.fixture
def small(request: pytest.FixtureRequest) -> Lab:
    """An sshd that sees 512 KiB in its ~/.tminus, whatever the machine has."""
    must_be_root()
    found = sshd.binary()
    assert found is not None
    setup = 'mkdir -p "$1/home/.tminus"; mount -t tmpfs -o size=512k,mode=0700 tmpfs "$1/home/.tminus"'
    recipe = walled(sshd.recipe(found), "sshd-on-a-small-disk", setup)
    return sshd.lab_at(request.config.stash[SHARE].server(recipe))


def test_a_disk_that_is_full_at_the_host_is_told_starts_nothing_and_can_be_tried_again(
    small: Lab, tmp_path: Path
) -> None:
    with Trial(tmp_path, home_for(small, tmp_path), hosts(small, names=("web1",))) as trial:
        session = trial.start(
            """
            - id: p
              steps:
                - {id: fill, host: {name: web1, script: "cat /dev/zero >$HOME/.tminus/fill; true"}, changes: nothing}
                - {id: s, host: {name: web1, script: "echo $TMINUS_TICKET >>LEDGER"}, changes: nothing}
            """
        )
        state = trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "s failed" in said and "never started" in said and "room" in said
        assert not trial.ledger
        _make_room(small)
        trial.again(session)
        assert trial.ledger == {f"{state.run}/s/2": 1}


def _make_room(lab: Lab) -> None:
    """The file is where only that sshd sees it."""
    for entry in Path("/proc").iterdir():
        try:
            if f"{lab.folder}/sshd_config".encode() in (entry / "cmdline").read_bytes():
                (entry / f"root{lab.folder}/home/.tminus/fill").unlink()
                return
        except OSError:
            continue
    raise AssertionError("no sshd")


# ---------------------------------------------------------------- what commands do


def test_bytes_of_every_kind_arrive_as_they_were_and_never_reach_a_terminal(trial: Trial) -> None:
    octal = "".join(f"\\{number:03o}" for number in range(256))
    escapes = r"\033]0;owned\007\033[2J\033[31mred\033[0m\302\233\342\200\256"
    session = trial.step(far(f"{ONCE}; printf '{octal}{escapes}'; printf '{escapes}' >&2; exit 3"))
    trial.go(session)
    trial.see(session, Status.FAILED)
    evil = b"\x1b]0;owned\x07\x1b[2J\x1b[31mred\x1b[0m\xc2\x9b\xe2\x80\xae"
    assert output(session) == bytes(range(256)) + evil and output(session, "err") == evil
    assert "s failed, seen from host web1" in trial.says(session, e.StepFailed)
    assert sum(trial.ledger.values()) == 1


def test_a_command_that_asks_for_a_password_ends_at_once_and_is_answered_by_nobody(trial: Trial) -> None:
    script = (
        f"{ONCE}; printf 'Password: '; if read -r x; then exit 5; fi; if read -r x </dev/tty; then exit 6; fi; exit 4"
    )
    session = trial.step(far(script))
    trial.go(session)
    state = trial.see(session, Status.FAILED)
    assert state.step("s").reason == "exit 4" and output(session) == b"Password: "
    assert trial.ledger == {f"{state.run}/s/1": 1}


def much(trial: Trial, size: int) -> tuple[Session, RunState]:
    session = trial.step(far(f"{ONCE}; head -c {size} /dev/zero | tr '\\0' z; echo over >>FOLDER/over"))
    trial.go(session)
    return session, until(session, lambda s: s.status("s") is Status.DONE, 500)


def judge_much(trial: Trial, size: int) -> None:
    """The head is whole, the rest is counted to the byte, and the command itself noticed nothing."""
    session, state = much(trial, size)
    assert output(session) == b"z" * CAP
    said = trial.says(session, e.StepSucceeded)
    assert "s is done" in said and f"{size - CAP} bytes of output were dropped at the limit" in said
    assert trial.ledger == {f"{state.run}/s/1": 1} and (trial.folder / "over").read_text() == "over\n"


def test_output_past_the_cap_is_cut_at_the_host_and_counted(trial: Trial) -> None:
    judge_much(trial, 100 << 20)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_a_gigabyte_of_output_is_cut_at_the_host_and_counted(trial: Trial) -> None:
    judge_much(trial, 1 << 30)


# ---------------------------------------------------------------- every shell


@pytest.mark.parametrize("shell", [("dash",), ("bash",), ("busybox", "ash")], ids="-".join)
def test_a_whole_run_in_each_shell(lab: Lab, tmp_path: Path, shell: tuple[str, ...]) -> None:
    if shutil.which(shell[0]) is None:
        not_run(f"{shell[0]} is not installed")
    declared = hosts(lab).replace("user:", f"shell: {' '.join(shell)}, user:")
    with Trial(tmp_path, home_for(lab, tmp_path), declared) as trial:
        session = trial.start(
            """
            - id: p
              steps:
                - {id: a, host: {name: web1, script: "echo $TMINUS_TICKET >>LEDGER; cat", stdin: in}, changes: nothing}
                - {id: b, host: {name: web, batch: 2, script: "echo $TMINUS_TICKET >>LEDGER"}, changes: nothing}
                - {id: s, host: {name: web1, script: "echo on; sleep 100 & wait; sleep 100"}, changes: nothing}
            """
        )
        until(session, lambda s: ("s", 1, "out") in s.seen, PATIENCE)
        session.send(r.StopStep("ana", "s", "enough"))
        state = trial.see(session, Status.CANCELLED)
        said = trial.says(session, e.StepCancelled)
        assert "s was stopped" in said and "SIGTERM" in said
        assert trial.ledger == {f"{state.run}/{name}/1": 1 for name in ("a", *(f"b[{web}]/1" for web in NAMES))}


# ---------------------------------------------------------------- a laptop that sleeps, a network that swallows


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_laptop_that_slept_two_minutes_while_its_line_broke_goes_on(lab: Lab, line: Line, tmp_path: Path) -> None:
    cli = Cli(home_for(lab, tmp_path, line.port), tmp_path)
    book = cli.book(
        f"""
        - id: p
          steps:
            - {{id: a, host: {{name: web1, script: "{ONCE}; sleep 60; echo slept"}}, changes: nothing}}
            - {{id: b, host: {{name: web2, script: "{ONCE}"}}, changes: nothing}}
        """.replace("LEDGER", str(tmp_path / "ledger")),
        hosts(lab, line.port),
    )
    console = cli.start("run", book)
    try:
        cli_until((tmp_path / "ledger").exists, "the first step starts")
        console.send_signal(signal.SIGSTOP)
        line.cut("stall")
        time.sleep(120)  # the fault itself, not a wait for something
        line.cut("reset")
        console.send_signal(signal.SIGCONT)
        said, _ = console.communicate(timeout=120)
    finally:
        console.kill()
    assert console.returncode == 0, said
    run = cli.only_run()
    assert cli.account(run) == [("a", 1, "do", "done"), ("b", 1, "do", "done")]
    assert (tmp_path / "ledger").read_text().split() == [f"{run}/a/1", f"{run}/b/1"]
    assert verify_run(cli.home, run).ok


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_network_that_swallows_every_packet_is_told_as_one(lab: Lab, tmp_path: Path) -> None:
    """In a network namespace with an interface behind which nobody listens, so that a SYN is never answered."""
    must_be_root()
    hole = "ip link set lo up; ip tuntap add dev hole mode tun; ip addr add 10.99.0.1/24 dev hole; ip link set hole up"
    wall = ["unshare", "--net", "/bin/sh", "-c"]
    if subprocess.run([*wall, f"set -e; {hole}"], check=False, capture_output=True).returncode:
        not_run("a black hole needs a network namespace and a tun device (root, /dev/net/tun, iproute2)")
    cli = Cli(tmp_path / "home", tmp_path)
    steps = "- {id: p, steps: [{id: s, host: {name: web1, argv: ['true']}, changes: nothing}]}"
    book = cli.book(steps, f"hosts: {{web1: {{address: 10.99.0.7, user: {lab.user}, key: '{lab.key}'}}}}")
    ran = subprocess.run(
        [*wall, f'{hole}; exec "$@"', "sh", *cli.command("run", book)],
        env=cli.env() | {"HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "s failed" in ran.stdout and "10.99.0.7 did not answer within 10 s" in ran.stdout, ran
    run = cli.only_run()
    assert cli.account(run) == [("s", 1, "do", "failed")] and verify_run(cli.home, run).ok
