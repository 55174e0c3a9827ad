"""`local` runs once, is followed again after a gap from its first byte, and says when nobody can know."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.redact import Redactor
from app.ports import CommandPhase, CommandState, SecretText
from app.run.outcome import PointsTo, Verdict
from app.steps.detached_command import Attempt, _Ear, _lost
from tests.connectors.places import group_of
from tests.contract.said import Said
from tests.steps.bench import Bench, step

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, secrets={"token": "correct-horse"})
    yield made
    made.close()


async def until(file: Path) -> str:
    ends = time.monotonic() + 10
    while not (file.exists() and file.read_text().strip()):
        assert time.monotonic() < ends, f"{file} never came"
        await asyncio.sleep(0.01)
    return file.read_text().strip()


async def test_exit_and_both_streams_are_facts(bench: Bench) -> None:
    outcome = await bench.perform(step(local={"script": "echo out; echo err >&2; exit 3"}, changes="nothing"))
    facts = outcome.observed.facts
    assert (outcome.verdict, outcome.summary) == (Verdict.DONE, "exit 3")
    assert (facts["exit"], facts["stdout"], facts["stderr"]) == (3, "out\n", "err\n")
    assert bench.said.chunks == {"out": b"out\n", "err": b"err\n"}


async def test_the_command_knows_who_it_is_and_its_secrets(bench: Bench, tmp_path: Path) -> None:
    secret = SecretText(((True, "token"),))
    text = 'echo "$TMINUS_RUN|$TMINUS_STEP|$TMINUS_ATTEMPT|$TMINUS_TICKET|$TOKEN|$(cat)"; pwd'
    fields = {"script": text, "env": {"TOKEN": secret}, "stdin": secret, "cwd": str(tmp_path)}
    outcome = await bench.perform(step(local=fields, changes="nothing"))
    ticket = f"{bench.run}/load/1"
    assert outcome.observed.facts["stdout"] == f"{bench.run}|load|1|{ticket}|correct-horse|correct-horse\n{tmp_path}\n"


async def test_an_unknown_secret_starts_nothing(bench: Bench) -> None:
    outcome = await bench.perform(
        step(local={"argv": ["true"], "env": {"A": SecretText(((True, "other"),))}}, changes="nothing")
    )
    assert outcome.verdict is Verdict.FAILED
    assert (await bench.local.state(f"{bench.run}/load/1")).phase is CommandPhase.ABSENT


async def test_a_command_outlives_its_console_and_tells_only_what_is_new(bench: Bench, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    one = step(
        local={"script": f"echo before; while ! test -e {gate}; do sleep 0.05; done; echo after"}, changes="nothing"
    )
    running = asyncio.create_task(bench.perform(one))
    ends = time.monotonic() + 10
    while not bench.said.chunks.get("out"):
        assert time.monotonic() < ends
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])
    gate.touch()
    bench.seen, bench.said = (7, 0), Said()
    outcome = await bench.settle(one)
    assert (outcome.verdict, outcome.observed.facts["stdout"]) == (Verdict.DONE, "before\nafter\n")
    assert bench.said.chunks["out"].endswith(b"after\n")
    assert b"before" not in bench.said.chunks["out"]


async def test_what_never_started_is_fenced_for_good(bench: Bench, tmp_path: Path) -> None:
    one = step(local={"script": f"echo ran > {tmp_path}/ran"}, changes="reversible")
    assert (await bench.settle(one)).verdict is Verdict.NEVER_RAN
    assert (await bench.perform(one)).verdict is Verdict.NEVER_RAN
    assert not (tmp_path / "ran").exists()


async def test_a_time_limit_is_kept_by_the_target(bench: Bench) -> None:
    outcome = await bench.perform(step(local={"script": "sleep 60"}, changes="nothing"), limit_seconds=1)
    assert outcome.verdict is Verdict.TIMED_OUT


async def test_stop_ends_the_whole_group(bench: Bench, tmp_path: Path) -> None:
    one = step(local={"script": f"sleep 60 & echo $! > {tmp_path}/child; wait"}, changes="nothing")
    running = asyncio.create_task(bench.perform(one))
    child = int(await until(tmp_path / "child"))
    assert await bench.stop(one)
    outcome = await asyncio.wait_for(running, 15)
    assert outcome.verdict is Verdict.CANCELLED
    ends = time.monotonic() + 5
    while Path(f"/proc/{child}").exists() and "zombie" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < ends
        await asyncio.sleep(0.02)


async def test_a_killed_supervisor_leaves_a_doubt_with_its_evidence_or_a_probe_that_knows(
    bench: Bench, tmp_path: Path
) -> None:
    text = f"echo half; echo $$ > {tmp_path}/pid; while ! test -e {tmp_path}/end; do sleep 0.05; done"
    probe = {"local": {"script": "echo fine"}, "expect": {"stdout": {"contains": "fine"}}}
    one = step(local={"script": text}, changes="reversible")
    running = asyncio.create_task(bench.perform(one))
    await until(tmp_path / "pid")
    who = bench.local._folder(f"{bench.run}/load/1") / "who"
    for pid in group_of(int(who.read_text().split()[0])):
        os.kill(pid, signal.SIGKILL)
    await asyncio.wait([running], timeout=1.5)
    assert not running.done(), "it goes on, and nobody may call that done or not done"
    (tmp_path / "end").touch()
    outcome = await asyncio.wait_for(running, 30)
    assert outcome.verdict is Verdict.IN_DOUBT
    assert "half" in {row.answer for row in outcome.evidence}
    assert {PointsTo.STARTED, PointsTo.NOT_RUNNING} <= {row.points_to for row in outcome.evidence}
    probed = await bench.settle(step(local={"script": text}, changes="reversible", probe=probe))
    assert probed.verdict is Verdict.DONE


async def test_the_last_line_of_a_lost_command_is_masked_before_it_is_cut(bench: Bench) -> None:
    text = "x" * 195 + "correct-horse"
    attempt = Attempt(
        bench.intent(),
        step(local={"argv": ["true"]}, changes="nothing"),
        bench.local,
        bench.world,
        replace(bench.toolbox(), redact=Redactor(["correct-horse"]).text),
    )
    ear = _Ear(Said(), (0, 0))
    ear.output("out", 0, text.encode())
    outcome = await _lost(attempt, CommandState(CommandPhase.LOST_SUPERVISOR), ear)
    assert not [row.answer for row in outcome.evidence if "corre" in row.answer]
