"""The dead-man switch at its target, on every shell: it fires once when nobody is heard, and never after a fence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.connectors import dead_man
from app.connectors.local import LocalCommands
from app.errors import Refused
from app.ports import CommandPhase, Limits, Payload
from app.switch import Switch, SwitchState, SwitchWord
from tests.connectors.places import SHELLS, Ear, end_all, local, until, until_file

pytestmark = pytest.mark.anyio
UNDO, STEP = "r1/s/undo/1/armed", "r1/s/1"
SECRET = "hunter2-and-more"
LATE = 40.0
"""Seconds that a busy machine may take for what takes three."""


@dataclass
class Place:
    """One shell, and a file in which every run of the undo leaves a line."""

    commands: LocalCommands
    home: Path
    counter: Path

    async def arm(
        self, seconds: int, ticket: str = UNDO, step: str = "", payload: Payload | None = None, *, again: bool = False
    ) -> SwitchState:
        payload = payload or Payload(script=f'echo ran >>"{self.counter}"\necho undone\n')
        return await self.commands.arm(ticket, payload, Limits(), Switch(seconds, step, again))

    def folder(self, ticket: str = UNDO) -> Path:
        return self.home / ticket.replace("/", "_2f")

    def runs(self) -> int:
        return len(self.counter.read_text().splitlines()) if self.counter.exists() else 0

    async def over(self, ticket: str = UNDO) -> None:
        async def done() -> bool:
            return (await self.commands.state(ticket)).phase is CommandPhase.DONE

        await until(done, "the undo ended", LATE)


class Everywhere:
    """Tells one story on every shell at the same time: what takes seconds is mostly waiting."""

    def __init__(self, places: dict[str, Place]) -> None:
        self.places = places

    async def __call__(self, story: Callable[[Place], Awaitable[None]]) -> None:
        async def told(shell: str, place: Place) -> None:
            try:
                await story(place)
            except Exception as trouble:
                trouble.add_note(f"on {shell}")
                raise

        await asyncio.gather(*(told(shell, place) for shell, place in self.places.items()))


@pytest.fixture
def everywhere(tmp_path: Path) -> Iterator[Everywhere]:
    places = {}
    for words in SHELLS:
        folder = tmp_path / Path(words[0]).name
        folder.mkdir()
        places[words[0]] = Place(local(folder / "t", words), folder / "t", folder / "counter")
    yield Everywhere(places)
    for place in places.values():
        for watch in place.home.glob("*/watch"):
            (watch.parent / "gate").symlink_to("fenced") if not (watch.parent / "gate").is_symlink() else None
        place.commands.close()
        end_all(place.home)


async def test_it_fires_once_when_nobody_is_heard_and_tells_who_asks_later(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        armed = await place.arm(2)
        began = time.monotonic()
        assert armed.word is SwitchWord.ARMED
        await place.over()
        assert time.monotonic() - began >= 2
        told = await place.commands.beat(UNDO)
        assert (told.word, place.runs()) == (SwitchWord.FIRED, 1)
        assert told.fired.endswith("Z")
        assert told.silent >= 2
        ear = Ear()
        state = await place.commands.attach(UNDO, 0, 0, ear)
        assert (state.rc, ear.out) == (0, b"undone\n")

    await everywhere(story)


@pytest.mark.faults
async def test_a_console_that_is_heard_keeps_it_from_firing_over_several_deadlines(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(6)
        ends = time.monotonic() + 13
        while time.monotonic() < ends:
            assert (await place.commands.beat(UNDO)).word is SwitchWord.ARMED
            await asyncio.sleep(0.3)
        assert place.runs() == 0
        assert (await place.commands.fence(UNDO)).phase is CommandPhase.FENCED

    await everywhere(story)


async def test_once_it_is_fenced_it_never_fires_and_its_watcher_leaves(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(2)
        pid = int((place.folder() / "watch").read_text().split()[0])
        assert (await place.commands.fence(UNDO)).phase is CommandPhase.FENCED

        async def gone() -> bool:
            return not Path(f"/proc/{pid}").exists()

        await until(gone, "the watcher left", LATE)
        assert (await place.commands.beat(UNDO)).word is SwitchWord.FENCED
        assert (await place.arm(2)).word is SwitchWord.FENCED
        assert place.runs() == 0

    await everywhere(story)


async def test_the_command_that_it_undoes_is_ended_before_and_never_starts_after(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        going = place.home.parent / "going"
        script = f'trap "echo ended >>{place.counter}; exit 1" TERM\necho $$ >"{going}"\nwhile :; do sleep 0.1; done\n'
        await place.commands.launch(STEP, Payload(script=script), Limits())
        await until_file(going)
        await place.arm(2, step=STEP)
        await place.over()
        assert place.counter.read_text().split() == ["ended", "ran"]
        assert (await place.commands.state(STEP)).killed == "dead-man"
        await place.arm(2, "r1/s/undo/1/again", step="r1/s/2", again=True)
        await place.over("r1/s/undo/1/again")
        late = await place.commands.launch("r1/s/2", Payload(script=f"echo late >>{place.counter}\n"), Limits())
        assert late.phase is CommandPhase.FENCED
        assert "late" not in place.counter.read_text()

    await everywhere(story)


async def test_a_step_that_never_began_is_not_undone_and_never_begins(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(1, step=STEP)

        async def told() -> bool:
            return (await place.commands.beat(UNDO)).word is SwitchWord.UNBEGUN

        await appears(place.folder() / "gate")  # a beat before would be heard
        await until(told, "it says that there was nothing to undo", LATE)
        assert (await place.commands.state(UNDO)).phase is CommandPhase.FENCED
        assert (await place.commands.launch(STEP, Payload(script="true\n"), Limits())).phase is CommandPhase.FENCED
        assert place.runs() == 0

    await everywhere(story)


async def appears(path: Path) -> None:
    async def there() -> bool:
        return path.is_symlink() or path.exists()

    await until(there, f"{path.name} is there", LATE)


def planted(place: Place, pg: str, who: int) -> None:
    """The ticket of a step as if this process were its supervisor, or as if that were gone (0)."""
    folder = place.folder(STEP)
    folder.mkdir(parents=True)
    (folder / "gate").symlink_to("who")
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    for name, text in (("who", f"{who} {boot}\n"), ("pg", f"{pg:<40}\n"), ("killed", f"{'-':<40}\n")):
        (folder / name).write_text(text)


@contextlib.contextmanager
def lasting() -> Iterator[int]:
    """A process in a group of its own that bears the ticket of the step; its pid."""
    words = ["/bin/sh", "-c", "sleep 300; :", STEP.replace("/", "_2f")]
    process = subprocess.Popen(words, start_new_session=True)
    try:
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


async def test_the_undo_waits_for_a_step_that_is_still_starting_and_ends_it_first(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        with lasting() as pid:
            planted(place, "0", pid)
            await place.arm(1, step=STEP)
            await appears(place.folder() / "fire")
            for _ in range(15):
                assert (await place.commands.beat(UNDO)).word is SwitchWord.FIRING
                await asyncio.sleep(0.1)
            (place.folder(STEP) / "pg").write_text(f"{pid} -\n")
            await place.over()
            assert (await place.commands.state(STEP)).killed == "dead-man"
            assert place.runs() == 1

    await everywhere(story)


async def test_a_strange_group_under_an_old_number_is_left_alone_and_nothing_says_killed(
    everywhere: Everywhere,
) -> None:
    async def story(place: Place) -> None:
        with lasting() as pid:
            planted(place, f"{pid} 1", 0)
            await place.arm(1, step=STEP)
            await place.over()
            assert (place.folder(STEP) / "killed").read_text().split() == ["-"]
            assert Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"

    await everywhere(story)


async def test_a_watcher_that_was_ended_as_it_went_about_it_is_told_so_with_and_without_its_words(
    everywhere: Everywhere,
) -> None:
    async def story(place: Place) -> None:
        await place.arm(30)
        (place.folder() / "fire").mkdir()
        (place.folder() / "fired").write_text("")
        assert (await place.commands.beat(UNDO)).word is SwitchWord.FIRING
        (place.folder() / "fired").write_text("2026-03-14T21:11:07Z 31\n")
        os.kill(int((place.folder() / "watch").read_text().split()[0]), signal.SIGKILL)

        async def lost() -> bool:
            told = await place.arm(30)
            return (told.word, told.fired, told.silent) == (SwitchWord.LOST, "2026-03-14T21:11:07Z", 31)

        await until(lost, "the loss was told", LATE)

    await everywhere(story)


def test_a_watcher_that_said_nothing_did_not_start() -> None:
    with pytest.raises(Refused, match="did not start"):
        dead_man.read({"L": "lost", "D": "word=lost"}, "here")


async def test_arming_again_renews_it_and_leaves_one_watcher(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(30)
        first = (place.folder() / "watch").read_text()
        assert (await place.arm(30, step=STEP)).word is SwitchWord.ARMED
        assert (place.folder() / "watch").read_text() == first
        assert (place.folder() / "step").read_text().strip() == STEP.replace("/", "_2f")
        await place.commands.fence(UNDO)

    await everywhere(story)


async def test_a_switch_whose_watcher_was_killed_says_so_and_can_be_armed_again(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(30)
        os.kill(int((place.folder() / "watch").read_text().split()[0]), signal.SIGKILL)

        async def lost() -> bool:
            return (await place.commands.beat(UNDO)).word is SwitchWord.LOST

        await until(lost, "the loss was told", LATE)
        assert (await place.arm(2)).word is SwitchWord.ARMED
        await place.over()
        assert place.runs() == 1

    await everywhere(story)


async def test_a_switch_of_another_boot_is_told_as_lost(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        await place.arm(30)
        watch = place.folder() / "watch"
        pid = watch.read_text().split()[0]
        watch.write_text(f"{pid} another-boot\n")
        assert (await place.commands.beat(UNDO)).word is SwitchWord.LOST_REBOOT
        await place.commands.fence(UNDO)

    await everywhere(story)


async def test_its_secrets_reach_the_undo_and_no_file_argument_or_environment_before(everywhere: Everywhere) -> None:
    async def story(place: Place) -> None:
        script = f'printf %s "$PW" | cksum >>"{place.counter}"; cksum >>"{place.counter}"\n'
        payload = Payload(script=script, secret_env=(("PW", SECRET),), stdin=SECRET.encode(), stdin_is_secret=True)
        await place.arm(3, payload=payload)
        pid = (place.folder() / "watch").read_text().split()[0]
        seen = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        lying = b"".join(path.read_bytes() for path in place.folder().rglob("*") if path.is_file())
        assert SECRET.encode() not in seen + lying
        await place.over()
        sums = place.counter.read_text().splitlines()
        assert len(sums) == 2
        assert sums[0] == sums[1]
        assert not any(SECRET.encode() in path.read_bytes() for path in place.folder().rglob("*") if path.is_file())

    await everywhere(story)


async def test_it_is_heard_although_every_other_shell_of_this_machine_stands_still(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "never")
    shell = tmp_path / "shell"
    shell.write_text(
        '#!/bin/sh\n[ "$1" = -s ] || exec sh "$@"\ntext=$(cat)\n'
        f'case $text in *"beat() {{"*) printf %s "$text" | sh -s;; *) cat "{tmp_path}/never";; esac\n'
    )
    shell.chmod(0o700)
    commands = local(tmp_path / "t", (str(shell),))
    place = Place(commands, tmp_path / "t", tmp_path / "counter")
    stuck = [asyncio.create_task(commands.state(f"r1/other/{number}")) for number in range(12)]
    try:
        assert (await asyncio.wait_for(place.arm(60), LATE / 2)).word is SwitchWord.ARMED
        assert (await asyncio.wait_for(commands.beat(UNDO), LATE / 2)).word is SwitchWord.ARMED
        assert not any(task.done() for task in stuck)
    finally:
        (place.folder() / "gate").symlink_to("fenced")
        for task in stuck:
            task.cancel()
        commands.close()
        end_all(place.home)
        ends = os.open(tmp_path / "never", os.O_RDWR)
        await asyncio.gather(*stuck, return_exceptions=True)
        os.close(ends)


async def test_a_home_that_cannot_be_made_refuses_to_arm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    commands = local(tmp_path / "file" / "t")
    with pytest.raises(Refused):
        await commands.arm(UNDO, Payload(argv=("true",)), Limits(), Switch(5))
    commands.close()


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.faults)])
async def test_fence_and_deadline_at_the_same_moment_end_in_exactly_one_of_the_two(tmp_path: Path, every: int) -> None:
    """Races: the console's fence against the watcher's deadline, then the console's own undo if it won.

    A hundred of them, or every so many of that hundred.
    """
    commands = local(tmp_path / "t")
    place = Place(commands, tmp_path / "t", tmp_path / "counter")
    console = Payload(script=f'echo console >>"{place.counter}"\n')
    watcher = Payload(script=f'echo watcher >>"{place.counter}"\n')

    async def race(number: int) -> None:
        by_time = number // every % 2 == 0
        ticket = f"r1/s/undo/1/{number}"
        await place.arm(1, ticket, payload=watcher)

        async def near() -> bool:
            return (place.folder(ticket) / "fire").is_dir() or by_time

        await until(near, "the watcher goes about it", LATE)
        if by_time:
            await asyncio.sleep(1.0 + number / 100)
        fenced = await commands.fence(ticket)
        if fenced.phase is CommandPhase.FENCED:
            await commands.launch(f"{ticket}/own", console, Limits())
            await place.over(f"{ticket}/own")
        else:
            await place.over(ticket)

    races = range(0, 100, every)
    for start in range(0, len(races), 13):
        await asyncio.gather(*(race(number) for number in races[start : start + 13]))
    ran = place.counter.read_text().split()
    assert len(ran) == len(races), ran
    assert {"console", "watcher"} == set(ran), "one side always won: no race was run"
    commands.close()
