"""What every place for commands must keep: once at most, found again, byte-exact, ended when told, discreet."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.ports import CommandPhase, Commands, CommandState, Limits, Payload
from tests.connectors.places import OVER, SHELLS, Ear, end_all, group_of, local, until, until_file
from tests.lab.hosts import remote

pytestmark = pytest.mark.anyio
T = "r20261122-101500-ab12/4.14/2"


PLACES = [("local", shell) for shell in SHELLS] + [("ssh", SHELLS[0]), ("ssh", SHELLS[-1])]


def _named(place: tuple[str, tuple[str, ...]]) -> str:
    return f"{place[0]}-{'-'.join(place[1]).strip('/').replace('/', '-')}"


@pytest.fixture(params=PLACES, ids=_named)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Commands]:
    kind, shell = request.param
    home = tmp_path / "tickets"
    if kind == "local":
        commands = local(home, shell)
        yield commands
        commands.close()
    else:
        host, pool = remote(request.getfixturevalue("lab"), tmp_path, shell=shell)
        yield host
        pool.close()
    end_all(home)


async def run(
    place: Commands, payload: Payload, limits: Limits = Limits(), ticket: str = T
) -> tuple[CommandState, Ear]:
    ear = Ear()
    await place.launch(ticket, payload, limits)
    return await place.attach(ticket, 0, 0, ear), ear


async def test_a_command_gives_back_its_status_and_both_streams(place: Commands) -> None:
    state, ear = await run(place, Payload(script="echo to out; echo to err >&2; exit 7"))
    assert (state.phase, state.rc, state.eof, state.group, state.killed) == (CommandPhase.DONE, 7, True, "gone", "")
    assert (ear.out, ear.err, state.out, state.err, state.dropped) == (b"to out\n", b"to err\n", 7, 7, 0)
    assert state.began.endswith("Z") and state.ended >= state.began and state.boot and state.host
    assert (await place.state(T)).rc == 7


async def test_env_stdin_folder_and_mask_reach_the_command(place: Commands, tmp_path: Path) -> None:
    folder = tmp_path / "-a 'strange'\nfolder"
    folder.mkdir()
    env = (("TMINUS_TICKET", T), ("VALUE", 'it\'s $HOME `id` \\ \n"x" '), ("t_dir", "mine"))
    script = 'pwd; printf "%s|" "$TMINUS_TICKET" "$VALUE" "$t_dir"; umask; cat'
    state, ear = await run(place, Payload(script=script, env=env, stdin=b"in\0\xff\n", cwd=str(folder)))
    mask = os.umask(0o22)
    os.umask(mask)
    expected = f"{folder}\n{T}|{env[1][1]}|mine|{mask:04o}\n".encode() + b"in\0\xff\n"
    assert state.rc == 0 and ear.out == expected


async def test_without_stdin_a_reader_sees_the_end_at_once(place: Commands) -> None:
    state, ear = await run(place, Payload(argv=("cat",)))
    assert (state.rc, ear.out) == (0, b"")


@pytest.mark.parametrize(
    ("argv", "rc"), [(("no-such-program",), 127), (("-x", "y"), 127), (("/etc/passwd",), 126), (("exit", "3"), 127)]
)
async def test_what_cannot_be_run_says_so_and_no_builtin_is_run(
    place: Commands, argv: tuple[str, ...], rc: int
) -> None:
    state, ear = await run(place, Payload(argv=argv))
    assert state.rc == rc and ear.err


async def test_a_folder_that_is_not_there_runs_nothing(place: Commands, tmp_path: Path) -> None:
    state, ear = await run(place, Payload(argv=("touch", str(tmp_path / "ran")), cwd=str(tmp_path / "none")))
    assert state.rc == 126 and b"none" in ear.err and not (tmp_path / "ran").exists()


@given(
    words=st.lists(
        st.text(
            st.one_of(
                st.sampled_from("'\"\\$`\n -*~!{}()&;|<>\x01\x7f\x81"),
                st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
            ),
            max_size=12,
        ),
        max_size=8,
    )
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_an_argument_is_one_argument_whatever_it_holds(place: Commands, words: list[str]) -> None:
    ticket = f"fuzz/{os.urandom(6).hex()}"
    state, ear = await run(place, Payload(argv=("/usr/bin/printf", "%s\\0", *words)), ticket=ticket)
    assert state.rc == 0
    assert ear.out == (b"".join(w.encode() + b"\0" for w in words) or b"\0")


async def test_any_byte_comes_back_as_it_went(place: Commands) -> None:
    blob = bytes(range(256)) * 900 + os.urandom(70_000)
    state, ear = await run(place, Payload(script="cat; printf '\\0\\377' >&2", stdin=blob))
    assert ear.out == blob and ear.err == b"\0\xff" and state.out == len(blob)


async def test_the_cap_keeps_the_head_and_counts_the_rest(place: Commands) -> None:
    script = "head -c 300001 /dev/zero; head -c 50 /dev/zero >&2"
    state, ear = await run(place, Payload(script=script), Limits(output_bytes=100_000))
    assert (state.rc, state.out, state.err, state.dropped, state.eof) == (0, 100_000, 50, 200_001, True)
    assert len(ear.out) == 100_000


async def test_attaching_again_goes_on_at_any_byte(place: Commands) -> None:
    blob = os.urandom(200_000)
    await run(place, Payload(argv=("cat",), stdin=blob))
    for offset in (0, 1, 65_535, 65_536, 65_537, 199_999, 200_000):
        ear = Ear({"out": offset, "err": 0})
        state = await place.attach(T, offset, 0, ear)
        assert ear.out == blob[offset:] and state.phase is CommandPhase.DONE


async def test_output_is_seen_while_the_command_runs(place: Commands, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    await place.launch(T, Payload(script=f"echo first; read -r x <'{go}'; echo second"), Limits())
    ear = Ear()
    task = asyncio.create_task(place.attach(T, 0, 0, ear))

    async def first() -> bool:
        return ear.out == b"first\n"

    await until(first, "the first line")
    go.write_text("x\n")
    assert (await task).rc == 0 and ear.out == b"first\nsecond\n"


async def test_thirty_launches_at_once_run_it_once(place: Commands, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    payload = Payload(script=f"echo ran >>'{ledger}'")
    await asyncio.gather(*(place.launch(T, payload, Limits()) for _ in range(30)))
    await place.attach(T, 0, 0, Ear())
    await place.launch(T, payload, Limits())
    assert ledger.read_text() == "ran\n"
    assert sorted(p.name for p in (tmp_path / "tickets").iterdir()) == ["r20261122-101500-ab12_2f4.14_2f2"]


async def test_a_fence_before_the_launch_shuts_it_for_good(place: Commands, tmp_path: Path) -> None:
    assert (await place.state(T)).phase is CommandPhase.ABSENT
    assert (await place.fence(T)).phase is CommandPhase.FENCED
    assert (
        await place.launch(T, Payload(argv=("touch", str(tmp_path / "ran"))), Limits())
    ).phase is CommandPhase.FENCED
    assert (await place.attach(T, 0, 0, Ear())).phase is CommandPhase.FENCED
    await place.forget(T)
    assert (
        await place.launch(T, Payload(argv=("touch", str(tmp_path / "ran"))), Limits())
    ).phase is CommandPhase.FENCED
    assert not (tmp_path / "ran").exists()


async def test_a_fence_after_the_start_tells_the_truth(place: Commands, tmp_path: Path) -> None:
    await place.launch(T, Payload(argv=("sleep", "60")), Limits())
    assert (await place.fence(T)).phase is CommandPhase.RUNNING
    await place.cancel(T, "KILL")
    state = await place.attach(T, 0, 0, Ear())
    assert (state.rc, state.killed) == (137, "operator-KILL")
    assert (await place.fence(T)).phase is CommandPhase.DONE


async def test_fence_and_launch_together_have_one_winner(place: Commands, tmp_path: Path) -> None:
    seen = set()
    for number in range(8):
        ledger, ticket = tmp_path / f"ran{number}", f"{T}/{number}"

        async def fence(late: float = number * 0.005, ticket: str = ticket) -> CommandState:
            await asyncio.sleep(late)  # meets the launch in another place each time
            return await place.fence(ticket)

        await asyncio.gather(place.launch(ticket, Payload(argv=("touch", str(ledger))), Limits()), fence())
        state = await place.attach(ticket, 0, 0, Ear())
        assert state.phase in (CommandPhase.FENCED, CommandPhase.DONE)
        assert ledger.exists() == (state.phase is CommandPhase.DONE)
        seen.add(state.phase)
    assert seen


async def test_stop_reaches_the_whole_group(place: Commands) -> None:
    await place.launch(T, Payload(script="sleep 61 & sleep 62 & wait"), Limits())
    await place.cancel(T, "TERM")
    ear = Ear()
    state = await place.attach(T, 0, 0, ear)
    assert (state.phase, state.rc, state.killed, state.group) == (CommandPhase.DONE, 143, "operator-TERM", "gone")


async def test_a_command_that_ignores_term_is_killed(place: Commands) -> None:
    await place.launch(T, Payload(script="trap '' TERM; echo armed; sleep 63; sleep 64"), Limits())
    ear = Ear()
    task = asyncio.create_task(place.attach(T, 0, 0, ear))

    async def armed() -> bool:
        return ear.out == b"armed\n"

    await until(armed, "armed")
    state = await place.cancel(T, "TERM")
    assert (state.phase, state.group) == (CommandPhase.RUNNING, "alive")
    await place.cancel(T, "KILL")
    state = await task
    assert (state.rc, state.killed, state.group) == (137, "operator-KILL", "gone")


async def test_the_target_keeps_the_time_limit_itself(place: Commands) -> None:
    state, _ = await run(place, Payload(script="sleep 65"), Limits(seconds=1))
    assert (state.phase, state.rc, state.killed, state.group) == (CommandPhase.DONE, 143, "timeout", "gone")


async def test_signalling_what_has_ended_changes_nothing(place: Commands) -> None:
    await run(place, Payload(argv=("true",)))
    state = await place.cancel(T, "TERM")
    assert (state.phase, state.rc, state.killed) == (CommandPhase.DONE, 0, "")


async def test_cancelling_the_task_leaves_the_command_running(place: Commands, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    await place.launch(T, Payload(script=f"echo on; read -r x <'{go}'; echo off"), Limits())
    task = asyncio.create_task(place.attach(T, 0, 0, Ear()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await place.state(T)).phase is CommandPhase.RUNNING
    go.write_text("x\n")
    ear = Ear()
    assert (await place.attach(T, 0, 0, ear)).rc == 0 and ear.out == b"on\noff\n"


async def test_a_child_left_behind_does_not_hold_the_step(place: Commands) -> None:
    state, ear = await run(place, Payload(script="sleep 66 & echo $!"))
    assert (state.phase, state.rc, state.eof, state.group) == (CommandPhase.DONE, 0, False, "alive")
    os.kill(int(ear.out), signal.SIGKILL)


async def test_a_ticket_that_was_forgotten_never_runs_again(place: Commands, tmp_path: Path) -> None:
    payload = Payload(script=f"echo ran >>'{tmp_path / 'ledger'}'; echo secret output")
    await run(place, payload)
    await place.forget(T)
    assert (await place.launch(T, payload, Limits())).phase is CommandPhase.DONE
    assert (tmp_path / "ledger").read_text() == "ran\n"
    assert not any(b"secret output" in p.read_bytes() for p in (tmp_path / "tickets").rglob("*") if p.is_file())


async def test_a_running_ticket_is_not_forgotten(place: Commands) -> None:
    await place.launch(T, Payload(argv=("sleep", "67")), Limits())
    await place.forget(T)
    assert (await place.state(T)).phase is CommandPhase.RUNNING
    await place.cancel(T, "KILL")
    assert (await place.attach(T, 0, 0, Ear())).phase in OVER


def what_anybody_sees(family: set[int]) -> Iterator[tuple[str, bytes]]:
    """Every argument list on this machine, and every environment but those of the command's own group."""
    for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        for name in ("cmdline",) if pid in family else ("cmdline", "environ"):
            try:
                yield f"{name} of {pid}", Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:
                continue


async def test_secrets_reach_the_command_and_nobody_else(place: Commands, tmp_path: Path) -> None:
    one, two = os.urandom(8).hex(), os.urandom(8).hex()  # its own words: the same test may run beside it
    password, letter = f"{one}-\n'x'-$y", b"deep\0" + two.encode()
    go = tmp_path / "go"
    os.mkfifo(go)
    payload = Payload(
        script=f'printf %s "$PW" | wc -c; cat | wc -c; echo up >"{tmp_path}/up"; read -r x <"{go}"',
        secret_env=(("PW", password),),
        stdin=letter,
        stdin_is_secret=True,
    )
    await place.launch(T, payload, Limits())
    await until_file(tmp_path / "up")
    pg = int((tmp_path / "tickets" / "r20261122-101500-ab12_2f4.14_2f2" / "pg").read_text().split()[0])
    family = set(group_of(pg))
    words = (one.encode(), two.encode(), one.encode().hex().encode())
    told = [name for name, text in what_anybody_sees(family) if any(word in text for word in words)]
    assert told == []
    for path in (tmp_path / "tickets").rglob("*"):
        assert path.is_symlink() or path.stat().st_mode & 0o077 == 0, path
        assert not path.is_file() or not any(word in path.read_bytes() for word in words), path
    go.write_text("x\n")
    ear = Ear()
    assert (await place.attach(T, 0, 0, ear)).rc == 0
    assert ear.out.split() == [str(len(password)).encode(), str(len(letter)).encode()]


async def test_large_secrets_fit_through_the_pipe(place: Commands) -> None:
    big = os.urandom(150_000)
    state, ear = await run(
        place, Payload(argv=("cat",), stdin=big, stdin_is_secret=True, secret_env=(("A", "b" * 70_000),))
    )
    assert state.rc == 0 and ear.out == big
