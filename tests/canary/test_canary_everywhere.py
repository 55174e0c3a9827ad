"""Every path of the product at debug level, with secrets that are known: not one byte of them is written anywhere.

One long story on a real host and real databases, told once; each test looks at one place where a secret might lie.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.errors import TminusError
from app.run.state import Status
from app.session import watch
from app.session.secret_room import SecretRoom
from tests.canary.estate import CANARIES, CONSOLE, DEADLINE, KEPT, Console, Echo, Estate, echoing, forget, login
from tests.canary.forms import LookedAt, Nose, forms
from tests.canary.watcher import Watcher
from tests.lab.books import home_for
from tests.lab.sshd import Lab

pytestmark = pytest.mark.timeout(900)

CRASH = """
- {id: a, http: {url: 'http://127.0.0.1:@WEBPORT@/crash', headers: {Authorization: "Bearer ${secrets.head-pw}"}}}
"""
WRONG = "- {id: a, sql: {db: pg, run: 'select 1'}, changes: nothing}"


@dataclass
class Story:
    """What happened, and where to look."""

    console: Console
    nose: Nose
    watcher: Watcher
    lab: Lab
    run: str


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, lab: Lab, module_postgres_url: str, module_mysql_url: str
) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("canary")
    for name in ("user", "tmp", "work"):
        (folder / name).mkdir(mode=0o700)
    console, nose = Console(folder), Nose(CANARIES)
    home = home_for(lab, folder)
    home.rename(console.home)
    pg, my = login(module_postgres_url, "pg"), login(module_mysql_url, "my")
    try:
        with echoing() as port:
            estate = Estate(lab, folder, pg, my, port)
            looked_at: LookedAt = {}
            with Watcher(nose, CONSOLE, lambda: _transient(nose, folder, looked_at)) as watcher:
                run = _told(console, estate, watcher)
            yield Story(console, nose, watcher, lab, run)
    finally:
        forget(module_postgres_url, str(pg.username))
        forget(module_mysql_url, str(my.username))


def _transient(nose: Nose, folder: Path, looked_at: LookedAt) -> list[str]:
    """Files that stand only for a while; what a command prints lies at its place until the record has it."""
    home = folder / "user" / "tminus"
    if not home.exists():
        return []
    printed = (path for stream in ("out", "err") for path in home.glob(f"commands/*/{stream}"))
    return nose.names_in_files((folder / "tmp", home), but=printed, looked_at=looked_at)


def _told(console: Console, estate: Estate, watcher: Watcher) -> str:
    """The story; the run that it is about. Few processes, since each takes seconds to start with all turned up."""
    console("secret set pg-pw", typed=CANARIES["pg-pw"])
    room = SecretRoom(console.home, lambda _: CANARIES["vault"])
    for name in KEPT:
        room.set(name, CANARIES[name])
    path = estate.book("canary")
    looks = (f"check {path}", f"plan {path}", f"preflight {path}", f"plan {path} --format html")
    said = console(*looks, f"preflight {path} --json", "secret test pg-pw", "secret list")
    assert set(console.codes.values()) == {0}, said
    run = _killed(console, path, watcher)
    (console.folder / "go").touch()
    after = (f"show {run}", f"log {run}", f"account {run}", f"verify {run}", "runs", f"show {run} --json")
    console(f"resume {run} --verbose", *after, f"log {run} --json", f"rollback {run} --yes --verbose", f"log {run} -v")
    crashing = estate.book("crash", CRASH)
    wrong = estate.book("wrong", WRONG, "wrong-pw")
    refused = (f"preflight {wrong}", f"run {wrong}", "secret forget wrong-pw")
    console(f"run {crashing} --verbose", f"baseline {crashing} --for 3s", *refused, crash="send")
    early = estate.book("early", CRASH.replace("id: a", "id: early"))  # another text, so that it is looked at anew
    console(f"run {early}", crash="look")
    return run


def _killed(console: Console, path: str, watcher: Watcher) -> str:
    """A console that is killed while a command runs on the host, and was seen to run with its secret; its run."""
    process = console.start(f"run {path} --verbose")
    try:
        deadline = time.monotonic() + DEADLINE
        while not (run := _slow_began(console.home)) or not watcher.commands:
            assert process.poll() is None, console.ended(process)[-3000:]
            assert time.monotonic() < deadline, "the slow step never began"
            time.sleep(0.5)
    finally:
        process.kill()
        console.ended(process)
    return run


def _slow_began(home: Path) -> str:
    """The run whose slow step has begun to print, "" for none."""
    for path in (home / "runs").glob("*.tminus"):
        with suppress(TminusError):  # it is just being made
            look = watch(home, str(path))
            try:
                if look.state.status("slow") is Status.RUNNING and look.state.seen:
                    return look.run
            finally:
                look.close()
    return ""


# ---------------------------------------------------------------- what became of it


def test_the_story_was_told_to_its_end_with_the_secrets_in_use(story: Story) -> None:
    wanted = {"run crash": 4, "run wrong": 1, "run early": 1, f"rollback {story.run}": 8, f"verify {story.run}": 0}
    assert [end for end in story.console.ends if end] == [-9], "none died but the one that was killed"
    codes = {verb: story.console.codes.get(verb) for verb in wanted}
    assert codes == wanted, story.console.said[-6000:].decode("utf-8", "replace")
    assert any(CANARIES["head-pw"] in said for said in Echo.heard)
    assert story.watcher.commands > 0, "no command was ever seen with its secret"
    assert story.console.said.count(b"***") > 20
    said = story.console.said.decode("utf-8", "replace")
    assert "no entry for ***" in said
    assert "planted: " in said or "RuntimeError" in said
    log = (story.console.folder / "loud.log").read_text()
    for name in ("asyncio", "paramiko", "httpcore"):
        assert f"{name}" in log, f"{name} never spoke, so nothing was turned up"


def test_what_was_printed_holds_no_secret(story: Story) -> None:
    assert story.nose.names_in(story.console.said) == []


def test_no_file_of_the_console_holds_a_secret(story: Story) -> None:
    """Records with their logs, home, caches, temporary files, what every library logged, and stacks of all threads."""
    assert story.nose.names_in_files([story.console.folder]) == []


def test_no_process_ever_showed_a_secret_and_no_file_held_one_for_a_while(story: Story) -> None:
    assert story.watcher.processes > 0
    assert story.watcher.found == set()


def test_nothing_is_left_of_a_secret_at_the_host(story: Story) -> None:
    commands = story.lab.folder / "home" / ".tminus" / "commands"
    mine = [one for one in commands.iterdir() if one.name.startswith(story.run)]
    assert mine
    assert story.nose.names_in_files(mine) == []
    assert story.nose.names_in_files([story.lab.folder], but=[commands]) == []


def test_a_planted_canary_is_smelled_in_every_form(tmp_path: Path) -> None:
    nose = Nose(CANARIES)
    for name, value in CANARIES.items():
        for form in forms(value):
            assert name in nose.names_in(b"before " + form + b" after"), (name, form)
            (tmp_path / "one").write_bytes(form[:5] + b"\n" + form[5:])
            assert nose.names_in_files([tmp_path])
    assert nose.names_in(b"nothing of the kind") == []
    shown = subprocess.run(["sh", "-c", "cat /proc/self/cmdline"], capture_output=True, check=True).stdout
    assert nose.names_in(shown) == []
