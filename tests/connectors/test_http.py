"""What a request leaves behind is known: whether it was sent, what came back, and that nothing else was asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.connectors.http import HttpConnector
from app.connectors.secrets import Vault
from app.ports import HttpAnswer, HttpWork
from tests.servers.ports import free_port
from tests.steps.web import page, web

pytestmark = pytest.mark.anyio


async def send(url: str, method: str = "GET", **more: object) -> HttpAnswer:
    return await HttpConnector(Vault({})).send(HttpWork("t", method, url, **more))  # type: ignore[arg-type] # any field


async def test_a_body_over_the_limit_is_cut_and_said_so() -> None:
    async with web() as site:
        site.answers["/"] = page("x" * 5000, kind="text/plain")
        answer = await send(site.url("/"), max_bytes=1000)
    assert (answer.status, len(answer.body), answer.truncated, answer.sent) == (200, 1000, True, True)


async def test_silence_is_an_answer_without_status_that_was_sent() -> None:
    async with web() as site:
        site.answers["/"] = "hang"
        answer = await send(site.url("/"), "POST", timeout=timedelta(seconds=0.3))
    assert (answer.status, answer.sent) == (0, True)
    assert "no answer within" in answer.error or "silence" in answer.error


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://[::bad", "nonsense", "http://127.0.0.1:{port}/"])
async def test_what_never_left_is_said_to_be_unsent(url: str) -> None:
    answer = await send(url.replace("{port}", str(free_port())), "POST")
    assert (answer.status, answer.sent) == (0, False)
    assert answer.error


async def test_a_header_that_is_no_header_is_refused_unsent() -> None:
    async with web() as site:
        answer = await send(site.url("/"), "POST", headers=(("X-A", "a\r\nX-B: b"),))
    assert (answer.status, answer.sent) == (0, False)
    assert site.requests == []


async def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with web() as site:
        assert (await send(site.url("/"))).status == 200


async def test_an_unsafe_redirect_is_not_followed_even_at_home() -> None:
    async with web() as site:
        site.answers["/a"] = page("", "307 Temporary Redirect", Location="/b")
        answer = await send(site.url("/a"), "POST")
        assert (answer.status, len(site.requests)) == (307, 1)
        site.answers["/a"] = page("", "302 Found", Location="/a")
        assert "redirects" in (await send(site.url("/a"))).error
