"""The protocol of detached commands: names, requests never half obeyed, frames, and the far side's own attach."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors import detached, quoting
from app.connectors.detached import Chunk, FarSide, Frames, Word
from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, CommandState, Limits, Payload
from tests.connectors.places import SHELLS, until_file

T = "r1/4.14/1"
shells = pytest.mark.parametrize("shell", SHELLS, ids=" ".join)


def ask(home: Path, shell: tuple[str, ...], *calls: str, cut: int | None = None) -> list[detached.Frame]:
    request = FarSide(str(home), shell).request(*calls)
    done = subprocess.run([*shell, "-s"], input=request[:cut], capture_output=True, timeout=60, cwd="/", check=False)
    reader = Frames()
    frames = list(reader.feed(done.stdout))
    assert reader.whole
    return frames


def run_to_its_end(
    home: Path, shell: tuple[str, ...], payload: Payload, limits: Limits = Limits()
) -> list[detached.Frame]:
    return ask(home, shell, detached.launch(T, payload, limits), detached.attach(T, 0, 0))


def stream(frames: list[detached.Frame], name: str, start: int = 0) -> bytes:
    joined = b""
    for frame in frames:
        if isinstance(frame, Chunk) and frame.stream == name:
            assert frame.offset == start + len(joined)
            joined += frame.data
    return joined


@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=2, unique=True))
def test_two_tickets_never_share_a_folder(tickets: list[str]) -> None:
    try:
        one, two = (detached.folder_name(t) for t in tickets)
    except (Refused, UnicodeEncodeError):
        return
    assert one.casefold() != two.casefold()
    assert one.strip("abcdefghijklmnopqrstuvwxyz0123456789.-_") == "" and not one.startswith((".", "-"))


@pytest.mark.parametrize("ticket", ["", "x" * 201, "Ä" * 60])
def test_a_ticket_that_fits_no_folder_is_refused(ticket: str) -> None:
    with pytest.raises(Refused):
        detached.folder_name(ticket)


@given(st.binary(max_size=300))
def test_the_checksum_is_the_one_that_cksum_prints(data: bytes) -> None:
    printed = subprocess.run(["cksum"], input=data, capture_output=True, check=True).stdout.split()[0]
    assert quoting.posix_cksum(data) == int(printed)


@pytest.mark.parametrize("name", ["", "1A", "a-b", "A B", "x=y", "é", "UID", "A\n"])
def test_a_name_no_shell_can_export_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="environment"):
        detached.launch(T, Payload(argv=("true",), env=((name, "v"),)), Limits())


def test_a_nul_in_an_argument_and_a_huge_stdin_are_refused() -> None:
    with pytest.raises(Refused, match="NUL"):
        detached.launch(T, Payload(argv=("a\0b",)), Limits())
    with pytest.raises(Refused, match="8 MiB"):
        detached.launch(T, Payload(argv=("cat",), stdin=b"x" * (8 << 20) + b"x"), Limits())


def test_no_secret_shows_in_the_part_that_is_stored() -> None:
    payload = Payload(argv=("true",), secret_env=(("PW", "hunter2"),), stdin=b"hunter3", stdin_is_secret=True)
    assert "hunter" not in quoting.command_text(payload)
    assert quoting.open_stdin(payload) == b""
    assert "hunter" not in repr(payload)


@shells
@pytest.mark.parametrize(
    "payload", [Payload(script="touch ran"), Payload(argv=("touch", "ran"), secret_env=(("A", "b" * 50),))]
)
def test_a_request_that_is_cut_anywhere_runs_nothing(shell: tuple[str, ...], payload: Payload, tmp_path: Path) -> None:
    call = detached.launch(T, payload, Limits())
    whole = FarSide(str(tmp_path / "t"), shell).request(call)
    for cut in {
        0,
        1,
        len(whole) // 3,
        len(whole) // 2,
        len(whole) - len(call),
        len(whole) - 60,
        len(whole) - 8,
        len(whole) - 3,
    }:
        assert ask(tmp_path / "t", shell, call, cut=cut) == []
    assert not (tmp_path / "t").exists()


@shells
def test_a_damaged_command_is_refused_and_leaves_nothing(shell: tuple[str, ...], tmp_path: Path) -> None:
    call = detached.launch(T, Payload(script="echo right"), Limits()).replace("echo right", "echo wrong")
    frames = ask(tmp_path, shell, call)
    assert [f.kind for f in frames if isinstance(f, Word)] == ["X"]
    with pytest.raises(Refused, match="damaged"):
        detached.answer(frames)
    assert list(tmp_path.iterdir()) == []


@shells
def test_the_far_side_streams_from_any_offset(shell: tuple[str, ...], tmp_path: Path) -> None:
    blob = os.urandom(1_200_000)
    frames = run_to_its_end(tmp_path, shell, Payload(script="cat; echo done >&2", stdin=blob))
    assert stream(frames, "out") == blob and stream(frames, "err") == b"done\n"
    assert isinstance(frames[-1], Word) and frames[-1].kind == "Z"
    last = frames[-2]
    assert isinstance(last, CommandState) and (last.phase, last.rc, last.eof) == (CommandPhase.DONE, 0, True)
    for offset in (1, 65_536, 131_071, 1_199_999, 1_200_000):
        again = ask(tmp_path, shell, detached.attach(T, offset, 5))
        assert stream(again, "out", offset) == blob[offset:] and stream(again, "err") == b""


@shells
def test_the_far_side_sends_a_heartbeat_while_nothing_is_said(shell: tuple[str, ...], tmp_path: Path) -> None:
    frames = run_to_its_end(tmp_path, shell, Payload(argv=("sleep", "2.5")))
    beats = [f for f in frames if isinstance(f, CommandState) and f.phase is CommandPhase.RUNNING]
    assert len(beats) >= 2 and all(b.group == "alive" and b.now for b in beats)


@shells
def test_an_attach_to_nothing_ends_at_once(shell: tuple[str, ...], tmp_path: Path) -> None:
    state, words = detached.answer(ask(tmp_path, shell, detached.attach(T, 0, 0)))
    assert state is not None and state.phase is CommandPhase.ABSENT and "Z" in words


@shells
def test_names_that_the_machine_exports_do_not_leak_our_values(shell: tuple[str, ...], tmp_path: Path) -> None:
    request = FarSide(str(tmp_path / "t"), shell).request(
        detached.launch(
            T, Payload(script=f'env >"{tmp_path}/env.tmp"; mv "{tmp_path}/env.tmp" "{tmp_path}/env"'), Limits()
        ),
        detached.attach(T, 0, 0),
    )
    names = dict.fromkeys(("T", "B", "SH", "U", "i", "n", "r", "tmo", "cap", "IFS_", "CDPATH"), "theirs")
    subprocess.run(
        [*shell, "-s"], input=request, capture_output=True, timeout=60, check=True, env={**os.environ, **names}
    )
    seen = dict(line.partition("=")[::2] for line in (tmp_path / "env").read_text().splitlines())
    assert {n: seen[n] for n in names} == names
    assert not [n for n in seen if n.startswith("t_")]


BYTES = (
    b"L started\nS state=running rc=- group=alive killed=- out=3 err=0 dropped=0 eof=0 began=2026-01-01T00:00:00Z"
    b" ended=- host=h boot=b now=2026-01-01T00:00:01Z\nO 0 3\nS \nE 0 2\n\0\xff"
    b"S state=done rc=3 group=gone killed=timeout out=3 err=2 dropped=9 eof=1 began=a ended=b host=h boot=b now=c\nZ\n"
)


@given(st.lists(st.integers(0, len(BYTES)), max_size=8))
def test_frames_are_the_same_however_they_are_chopped(cuts: list[int]) -> None:
    reader, frames = Frames(), []
    edges = [0, *sorted(cuts), len(BYTES)]
    for start, end in itertools.pairwise(edges):
        frames += list(reader.feed(BYTES[start:end]))
    assert reader.whole
    assert [type(f).__name__ for f in frames] == ["Word", "CommandState", "Chunk", "Chunk", "CommandState", "Word"]
    assert frames[2] == Chunk("out", 0, b"S \n") and frames[3] == Chunk("err", 0, b"\0\xff")
    last = frames[4]
    assert isinstance(last, CommandState)
    assert (last.phase, last.rc, last.killed, last.dropped, last.eof) == (CommandPhase.DONE, 3, "timeout", 9, True)


def test_a_stream_that_ends_inside_a_frame_is_not_whole() -> None:
    reader = Frames()
    assert list(reader.feed(b"O 0 10\nabc")) == [] and not reader.whole


@pytest.mark.parametrize(
    "noise", [b"Welcome to web1!\n", b"O x 3\n", b"S state=fine\n", b"S state=done rc=x\n", b"x" * 70_000]
)
def test_noise_is_not_taken_for_an_answer(noise: bytes) -> None:
    with pytest.raises(TargetUnreachable):
        list(Frames().feed(noise))


@pytest.mark.anyio
async def test_the_limit_kills_what_ignores_term_after_five_seconds_without_any_console(tmp_path: Path) -> None:
    script = f"trap '' TERM; echo $$ >'{tmp_path}/pid'; sleep 71; sleep 72; sleep 73"
    ask(tmp_path / "t", ("/bin/sh",), detached.launch(T, Payload(script=script), Limits(seconds=1)))
    await until_file(tmp_path / "pid")
    frames = ask(tmp_path / "t", ("/bin/sh",), detached.attach(T, 0, 0))
    last = frames[-2]
    assert isinstance(last, CommandState) and (last.rc, last.killed, last.group) == (137, "timeout", "gone")
