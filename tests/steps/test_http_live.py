"""`http` sends once, with its ticket as a key, and is in doubt when the answer to a writing request is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.ports import HttpAnswer, HttpWork, SecretText
from app.run.outcome import PointsTo, Verdict
from tests.servers.ports import free_port
from tests.steps.bench import Bench, step
from tests.steps.web import page, web

pytestmark = pytest.mark.anyio


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, secrets={"token": "correct-horse"})
    yield made
    made.close()


async def test_status_headers_and_json_are_facts(bench: Bench) -> None:
    async with web() as site:
        site.answers["/health"] = page('{"engine": "postgres"}', X_DC="b")
        outcome = await bench.perform(step(http={"url": site.url("/health"), "query": {"q": "a b&c"}}))
    facts = outcome.observed.facts
    assert (outcome.verdict, facts["status"], facts["json"]) == (Verdict.DONE, 200, {"engine": "postgres"})
    assert facts["headers"]["x-dc"] == "b"
    assert "GET /health?q=a+b%26c" in site.requests[0] or "GET /health?q=a%20b%26c" in site.requests[0]
    assert "idempotency-key" not in site.requests[0].lower()
    assert "tminus_" not in site.requests[0].lower()


async def test_a_writing_request_carries_its_ticket_and_its_secret(bench: Bench) -> None:
    async with web() as site:
        fields = {
            "method": "POST",
            "url": site.url("/switch"),
            "body": {"to": "b"},
            "headers": {"Authorization": SecretText(((False, "Bearer "), (True, "token")))},
        }
        outcome = await bench.perform(step(http=fields, changes="reversible"))
    (request,) = site.requests
    assert outcome.verdict is Verdict.DONE
    assert f"Idempotency-Key: {bench.run}/load/1" in request
    assert "Authorization: Bearer correct-horse" in request
    assert "Content-Type: application/json" in request
    assert request.endswith('{"to": "b"}')


@pytest.mark.parametrize("answer", ["drop", "hang", page("{}", "502 Bad Gateway")])
async def test_a_lost_answer_is_a_doubt_for_writing_and_no_answer_for_reading(
    bench: Bench, answer: bytes | str
) -> None:
    async with web() as site:
        site.answers["/switch"] = answer
        post = step(http={"method": "POST", "url": site.url("/switch")}, changes="reversible")
        doubt = await bench.perform(post, limit_seconds=1)
        get = await bench.perform(step(http={"url": site.url("/switch")}), limit_seconds=1)
    assert doubt.verdict is Verdict.IN_DOUBT
    assert len(doubt.evidence) >= 2
    assert get.verdict is (Verdict.FAILED if isinstance(answer, str) else Verdict.DONE)
    assert len(site.requests) == 2, "nothing is sent twice by itself"


async def test_a_probe_ends_the_doubt(bench: Bench) -> None:
    async with web() as site:
        site.answers["/switch"], site.answers["/state"] = "drop", page('{"active": "b"}')
        probe = {"http": {"url": site.url("/state")}, "expect": {"json.active": "== b"}}
        fields = {"method": "POST", "url": site.url("/switch")}
        outcome = await bench.perform(step(http=fields, changes="reversible", probe=probe))
        settled = await bench.settle(step(http=fields, changes="reversible", probe=probe))
    assert (outcome.verdict, settled.verdict) == (Verdict.DONE, Verdict.DONE)
    assert outcome.observed.facts == {}, "what the probe saw is not what the step answered"
    assert "status 200" in outcome.summary
    assert outcome.evidence[-1].points_to is PointsTo.DONE


async def test_a_request_that_never_left_failed(bench: Bench) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    outcome = await bench.perform(step(http={"method": "POST", "url": url}, changes="reversible"))
    assert outcome.verdict is Verdict.FAILED
    assert "no connection" in outcome.summary


async def test_after_a_gap_reading_runs_again_and_writing_is_in_doubt(bench: Bench) -> None:
    reading = step(http={"url": "http://127.0.0.1:1/"})
    writing = step(http={"method": "DELETE", "url": "http://127.0.0.1:1/"}, changes="destructive")
    assert (await bench.settle(reading)).verdict is Verdict.NEVER_RAN
    assert (await bench.settle(writing)).verdict is Verdict.IN_DOUBT


async def test_a_cancelled_request_leaves_nothing_open(bench: Bench) -> None:
    async with web() as site:
        site.answers["/slow"] = "hang"
        running = asyncio.create_task(bench.perform(step(http={"url": site.url("/slow")})))
        await site.asked.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


async def test_a_redirect_to_another_host_is_not_followed(bench: Bench) -> None:
    async with web() as site, web() as other:
        site.answers["/here"] = page("", "302 Found", Location="/there")
        site.answers["/away"] = page("", "302 Found", Location=other.url("/x"))
        here = await bench.perform(step(http={"url": site.url("/here")}))
        away = await bench.perform(step(http={"url": site.url("/away")}))
    assert here.observed.facts["status"] == 200
    assert away.observed.facts["status"] == 302
    assert other.requests == []


@dataclass
class Remembered:
    """An `Http` that only keeps what it was asked to send."""

    sent: list[HttpWork] = field(default_factory=list)

    async def send(self, work: HttpWork) -> HttpAnswer:
        self.sent.append(work)
        return HttpAnswer(200)


@pytest.mark.parametrize(("limit", "seconds"), [(0, 30), (5, 5), (600, 600)])
async def test_the_limit_of_the_step_is_the_limit_of_its_request(bench: Bench, limit: int, seconds: int) -> None:
    http = Remembered()
    bench.world = replace(bench.world, http=http)
    await bench.perform(step(http={"url": "http://127.0.0.1:1/"}), limit_seconds=limit)
    assert http.sent[0].timeout.total_seconds() == seconds
