"""Commands on this machine through every way a console or a machine can die, and what the ticket says afterwards."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.connectors.local import LocalCommands
from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, CommandState, Limits, Payload
from tests.connectors.places import Ear, box, end_all, group_of, local, until
from tests.servers.absent import not_run

pytestmark = pytest.mark.anyio
T = "r1/s/1"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[LocalCommands]:
    commands = local(tmp_path / "t")
    yield commands
    commands.close()
    end_all(tmp_path / "t")


def folder(tmp_path: Path) -> Path:
    return tmp_path / "t" / "r1_2fs_2f1"


def driver(tmp_path: Path, script: str, *, ticket: str = T) -> subprocess.Popen[bytes]:
    words = [sys.executable, str(Path(__file__).with_name("drive.py")), str(tmp_path / "t"), ticket, script]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, start_new_session=True)


async def end(here: LocalCommands, ticket: str = T) -> CommandState:
    """KILL it and see it end, so that no test leaves anything behind."""
    await here.cancel(ticket, "KILL")
    return await here.attach(ticket, 0, 0, Ear())


async def test_a_killed_console_leaves_the_command_and_the_next_one_finds_it(
    here: LocalCommands, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    script = f"echo ran >>'{tmp_path}/ledger'; echo before; read -r x <'{go}'; echo after; exit 5"
    with driver(tmp_path, script) as console:
        assert console.stdout is not None
        while not console.stdout.readline().startswith(b"heard out"):
            pass
        os.killpg(console.pid, signal.SIGKILL)
    assert (await here.state(T)).phase is CommandPhase.RUNNING
    await here.launch(T, Payload(script=script), Limits())
    go.write_text("x\n")
    ear = Ear()
    state = await here.attach(T, 0, 0, ear)
    assert (state.rc, ear.out, (tmp_path / "ledger").read_text()) == (5, b"before\nafter\n", "ran\n")


@pytest.mark.parametrize("kills", [12, pytest.param(200, marks=pytest.mark.faults)])
async def test_a_console_killed_at_any_moment_of_the_launch_runs_it_once_or_never(
    here: LocalCommands, tmp_path: Path, kills: int
) -> None:
    chance = random.Random(11)
    outcomes = set()
    for number in range(kills):
        ledger, ticket = tmp_path / f"ledger{number}", f"r1/s/{number}"
        with driver(tmp_path, f"echo ran >>'{ledger}'", ticket=ticket) as console:
            assert console.stdout is not None
            assert console.stdout.readline() == b"launching\n"
            select.select([], [], [], chance.random() * 0.03)  # somewhere inside the launch
            shells = children(console.pid)
            os.kill(console.pid, signal.SIGKILL)
            for pid in shells if number % 2 else []:  # and now and then the shell that launches, too
                kill_if_there(pid)
        state = await here.fence(ticket)  # races with a launch that is still on its way
        if state.phase is not CommandPhase.FENCED:
            state = await here.attach(ticket, 0, 0, Ear())
        text = ledger.read_text() if ledger.exists() else ""
        assert (state.phase, text) in ((CommandPhase.DONE, "ran\n"), (CommandPhase.FENCED, "")), (state, text)
        outcomes.add(state.phase)
    assert outcomes


def children(pid: int) -> list[int]:
    """Of all its threads: each child belongs to the thread that started it."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            found += [int(word) for word in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def kill_if_there(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


async def test_a_closed_terminal_does_not_reach_the_command(here: LocalCommands) -> None:
    await here.launch(T, Payload(script="sleep 81"), Limits())
    state = await here.state(T)
    assert state.phase is CommandPhase.RUNNING
    sessions = {os.getsid(pid) for pid in group_of(int(box(here._folder(T), "pg")[0]))}
    assert os.getsid(0) not in sessions and os.getsid(int(box(here._folder(T), "who")[0])) not in {
        os.getsid(0),
        *sessions,
    }
    await end(here)


async def test_nothing_of_the_console_is_held_open(here: LocalCommands) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    await here.launch(T, Payload(argv=("sleep", "82"), secret_env=(("A", "b"),)), Limits())
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], 5)
    assert ready and os.read(reading, 1) == b""
    os.close(reading)
    supervisor = int(box(here._folder(T), "who")[0])
    ours = {*group_of(supervisor), *group_of(int(box(here._folder(T), "pg")[0]))}
    theirs = {name for pid in processes() if pid not in ours for name in held_by(pid)}
    shared = {name for name in held_by(supervisor) if not name.endswith("/dev/null")} & theirs
    assert shared == set()
    await end(here)


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def held_by(pid: int) -> list[str]:
    try:
        return [str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return []


async def test_a_dead_supervisor_is_told_from_a_dead_command(here: LocalCommands) -> None:
    await here.launch(T, Payload(argv=("sleep", "83")), Limits())
    for pid in group_of(int(box(here._folder(T), "who")[0])):
        kill_if_there(pid)
    state = await here.attach(T, 0, 0, Ear())
    assert (state.phase, state.group, state.rc) == (CommandPhase.LOST_SUPERVISOR, "alive", None)
    state = await here.cancel(T, "KILL")

    async def gone() -> bool:
        return (await here.state(T)).group == "gone"

    await until(gone, "the group gone")


async def test_a_supervisor_killed_at_any_moment_never_leaves_a_lie(here: LocalCommands, tmp_path: Path) -> None:
    chance = random.Random(7)
    for number in range(6):
        ledger, ticket = tmp_path / f"ledger{number}", f"r1/s/{number}"
        task = asyncio.create_task(here.launch(ticket, Payload(script=f"echo ran >>'{ledger}'"), Limits()))
        who = here._folder(ticket) / "who"

        async def there(who: Path = who) -> bool:
            return who.exists() and who.read_text().endswith("\n")

        await until(there, "a supervisor")
        await asyncio.sleep(chance.random() * 0.006)  # around the second gate
        for pid in group_of(int(who.read_text().split()[0])):
            kill_if_there(pid)
        await task
        state = await here.fence(ticket)
        if state.phase is not CommandPhase.FENCED:
            state = await here.attach(ticket, 0, 0, Ear())
        ran = ledger.read_text() if ledger.exists() else ""
        assert state.phase in (CommandPhase.FENCED, CommandPhase.LOST_SUPERVISOR, CommandPhase.DONE)
        assert ran in {CommandPhase.FENCED: ("",), CommandPhase.DONE: ("ran\n",)}.get(state.phase, ("", "ran\n"))


async def test_after_a_reboot_the_ticket_says_so(here: LocalCommands) -> None:
    await here.launch(T, Payload(argv=("sleep", "84")), Limits())
    who = here._folder(T) / "who"
    pid, boot = box(here._folder(T), "who")
    who.write_text(f"{pid} another-boot\n")
    state = await here.attach(T, 0, 0, Ear())
    assert (state.phase, state.rc, state.group) == (CommandPhase.LOST_REBOOT, None, "")
    assert (await here.cancel(T, "KILL")).killed == ""  # whatever has that number now is not ours
    assert (await here.fence(T)).phase is CommandPhase.LOST_REBOOT
    who.write_text(f"{pid} {boot}\n")
    assert (await end(here)).rc == 137


async def test_a_process_that_got_the_supervisors_number_is_not_taken_for_it(here: LocalCommands) -> None:
    await here.launch(T, Payload(argv=("sleep", "85")), Limits())
    for pid in group_of(int(box(here._folder(T), "who")[0])):
        kill_if_there(pid)
    who = here._folder(T) / "who"
    who.write_text(f"{os.getpid()} {who.read_text().split()[1]}\n")
    assert (await here.state(T)).phase is CommandPhase.LOST_SUPERVISOR
    await here.cancel(T, "KILL")


async def test_a_ticket_that_only_begins_alike_is_not_taken_for_it(here: LocalCommands) -> None:
    await here.launch(T + "1", Payload(argv=("sleep", "86")), Limits())
    await here.launch(T, Payload(argv=("sleep", "86")), Limits())
    for pid in group_of(int(box(here._folder(T), "who")[0])):
        kill_if_there(pid)
    who = here._folder(T) / "who"
    who.write_text(f"{box(here._folder(T + '1'), 'who')[0]} {who.read_text().split()[1]}\n")
    assert (await here.state(T)).phase is CommandPhase.LOST_SUPERVISOR
    await here.cancel(T, "KILL")
    assert (await end(here, T + "1")).rc == 137


def somebody_else() -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "87"], start_new_session=True)


async def test_a_signal_never_reaches_a_group_that_only_got_the_same_number(here: LocalCommands) -> None:
    with somebody_else() as stranger:
        await here.launch(T, Payload(argv=("sleep", "88")), Limits())
        pg = here._folder(T) / "pg"
        before = pg.read_text()
        pg.write_text(f"{stranger.pid} 12345".ljust(40) + "\n")
        state = await here.cancel(T, "KILL")
        assert stranger.poll() is None and state.killed == ""
        pg.write_text(before)
        assert (await end(here)).rc == 137
        stranger.kill()


async def test_a_launch_that_died_behind_the_gate_can_be_fenced(here: LocalCommands, tmp_path: Path) -> None:
    folder(tmp_path).mkdir(parents=True)
    assert (
        await here.launch(T, Payload(argv=("touch", str(tmp_path / "ran"))), Limits())
    ).phase is CommandPhase.CLAIMED
    assert (await here.attach(T, 0, 0, Ear())).phase is CommandPhase.CLAIMED
    assert (await here.fence(T)).phase is CommandPhase.FENCED
    assert not (tmp_path / "ran").exists()


def exit_status(words: list[str], stdin: bytes = b"") -> int:
    return subprocess.run(words, input=stdin, capture_output=True, timeout=20, check=False).returncode


async def test_a_supervisor_whose_secrets_were_cut_short_starts_nothing(here: LocalCommands, tmp_path: Path) -> None:
    await here.launch(T, Payload(argv=("touch", str(tmp_path / "ran")), secret_env=(("A", "b"),)), Limits())
    await here.attach(T, 0, 0, Ear())
    again = tmp_path / "t" / "again"
    shutil.copytree(folder(tmp_path) / "p", again / "p")
    (tmp_path / "ran").unlink()
    words = ["sh", str(again / "p/sup"), str(again), "again", "0", "1000", "boot", "500", "022", "/bin/sh"]
    assert (
        exit_status(words, b"too short") == 74 and not (again / "gate").is_symlink() and not (tmp_path / "ran").exists()
    )


def test_the_loop_may_run_in_any_thread_and_leaves_no_zombie(tmp_path: Path) -> None:
    seen: list[CommandState] = []

    async def several() -> None:
        here = local(tmp_path / "t")
        for number in range(3):
            await here.launch(f"{T}/{number}", Payload(argv=("true",)), Limits())
            seen.append(await here.attach(f"{T}/{number}", 0, 0, Ear()))
        here.close()

    thread = threading.Thread(target=lambda: asyncio.run(several()))
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    gc.collect()  # an unclosed pipe or process would warn, and a warning is an error
    assert [s.rc for s in seen] == [0, 0, 0]
    assert [
        pid for pid in children(os.getpid()) if "Z" in Path(f"/proc/{pid}/stat").read_text().split(") ")[-1][:1]
    ] == []


async def test_no_descriptor_is_left_behind(here: LocalCommands) -> None:
    async def once(number: int) -> None:
        await here.launch(f"{T}/{number}", Payload(argv=("true",)), Limits())
        await here.attach(f"{T}/{number}", 0, 0, Ear())

    await once(0)
    before = len(held_by(os.getpid()))
    await asyncio.gather(*(once(number) for number in range(1, 12)))
    assert len(held_by(os.getpid())) <= before


async def test_a_shell_that_is_not_there_is_an_unreachable_target(tmp_path: Path) -> None:
    here = local(tmp_path / "t", ("/no/such/shell",))
    with pytest.raises(TargetUnreachable, match="FileNotFoundError"):
        await here.launch(T, Payload(argv=("true",)), Limits())
    here.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if not mount or exit_status([mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]):
        not_run("full-disk tests need root, to mount a tmpfs of 256 KiB")
    yield disk
    deadline = time.monotonic() + 10
    while exit_status(["umount", str(disk)]) and time.monotonic() < deadline:
        select.select([], [], [], 0.05)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        size = 65536
        while size:
            try:
                if filler.write(b"x" * size) < size:
                    size //= 2
            except OSError:
                size //= 2


async def test_on_a_disk_that_fills_up_the_command_ends_as_it_would_and_its_end_is_known(small_disk: Path) -> None:
    here = local(small_disk / "t")
    await here.launch(
        T,
        Payload(script=f"while [ ! -e '{small_disk}.go' ]; do sleep 0.05; done; head -c 400000 /dev/zero; exit 9"),
        Limits(),
    )
    fill(small_disk)
    Path(f"{small_disk}.go").touch()
    ear = Ear()
    state = await here.attach(T, 0, 0, ear)
    assert (state.phase, state.rc) == (CommandPhase.DONE, 9)
    assert len(ear.out) == state.out < 400_000 and 0 < state.dropped <= 400_000 - state.out
    assert state.out + state.dropped >= 400_000 - 65_536  # the block in flight is the only one not counted
    here.close()


async def test_on_a_full_disk_nothing_starts_and_it_says_why(small_disk: Path, tmp_path: Path) -> None:
    here = local(small_disk / "t")
    fill(small_disk)
    with pytest.raises(Refused, match="room"):
        await here.launch(T, Payload(argv=("touch", str(tmp_path / "ran"))), Limits())
    (small_disk / "filler").unlink()
    assert not (tmp_path / "ran").exists()
    assert (await here.launch(T, Payload(argv=("touch", str(tmp_path / "ran"))), Limits())).phase in (
        CommandPhase.RUNNING,
        CommandPhase.DONE,
    )
    assert (await here.attach(T, 0, 0, Ear())).rc == 0 and (tmp_path / "ran").exists()
    here.close()
