"""Requests over HTTP (`app.ports.Http`): one request, one answer, and the truth about whether it left.

No proxy from the environment, no redirect to another host, no cookie kept, no retry. An unsafe method carries the
ticket as `Idempotency-Key`, so that a service which knows the header runs it once.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from app.ports import HttpAnswer, HttpWork, Secrets

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

_REDIRECTS = 5
_CONNECT_SECONDS = 5.0
_SENDING = "send_request_headers.started"  # httpcore's own word for: the first byte is about to leave


class HttpConnector:
    """A fresh connection for every request; safe for many at once. The trusted authorities are read once, at first use.

    Reading them takes 40 ms of the loop; a metric asked every second must not cost that each time.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._tls: ssl.SSLContext | None = None

    async def send(self, work: HttpWork) -> HttpAnswer:
        """See `app.ports.Http.send`. `timeout` bounds the whole exchange; a body over `max_bytes` is cut."""
        progress = _Progress()
        problem = ""
        try:
            async with asyncio.timeout(work.timeout.total_seconds()):
                return await self._exchange(work, progress)
        except TimeoutError:
            problem = f"no answer within {work.timeout.total_seconds():g} s"
        except httpx.InvalidURL:
            problem = "the URL is not valid"
        except httpx.LocalProtocolError:  # our own side refused to write it
            return HttpAnswer(0, error="a header holds characters that HTTP does not allow", elapsed=progress.elapsed())
        except httpx.HTTPError as error:
            problem = _reason(error)
        except (UnicodeEncodeError, ValueError):
            problem = "a header holds characters that HTTP does not allow"
        return HttpAnswer(0, error=problem, sent=progress.sent, elapsed=progress.elapsed())

    async def _exchange(self, work: HttpWork, progress: _Progress) -> HttpAnswer:
        timeout = httpx.Timeout(work.timeout.total_seconds(), connect=_CONNECT_SECONDS)
        if self._tls is None:
            self._tls = httpx.create_ssl_context()  # SSL_CERT_FILE and SSL_CERT_DIR name authorities of one's own
        async with httpx.AsyncClient(
            trust_env=False, timeout=timeout, follow_redirects=False, verify=self._tls
        ) as client:
            request = client.build_request(
                work.method,
                _with_query(work),
                headers=self._headers(work),
                content=work.body or None,
                extensions={"trace": progress.trace},
            )
            for _ in range(_REDIRECTS):
                response = await client.send(request, stream=True)
                try:
                    follow = _same_host_redirect(request, response)
                    if follow is None:
                        return await _read(response, work.max_bytes, progress)
                finally:
                    await response.aclose()
                follow.extensions["trace"] = progress.trace
                request = follow
        return HttpAnswer(0, error=f"more than {_REDIRECTS} redirects", sent=True, elapsed=progress.elapsed())

    def _headers(self, work: HttpWork) -> list[tuple[str, str]]:
        headers = [(name, self._secrets.reveal(value)) for name, value in work.headers]
        given = {name.lower() for name, _ in headers}
        if work.method.upper() not in SAFE and "idempotency-key" not in given:
            headers.append(("Idempotency-Key", work.ticket))
        if "user-agent" not in given:
            headers.append(("User-Agent", "tminus"))
        return headers


@dataclass(slots=True)
class _Progress:
    """Listens to the connection: `sent` turns true just before the first byte of a request leaves."""

    sent: bool = False
    _began: float = field(default_factory=time.monotonic)

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        if event.endswith(_SENDING):
            self.sent = True

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._began)


def _with_query(work: HttpWork) -> httpx.URL:
    url = httpx.URL(work.url)
    return url.copy_merge_params(list(work.query)) if work.query else url


def _same_host_redirect(request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
    """The next request when a safe one is sent elsewhere on the same server; an unsafe one is never repeated."""
    following = response.next_request
    if following is None or request.method not in SAFE:
        return None
    here, there = request.url, following.url
    same = (here.scheme, here.host, here.port) == (there.scheme, there.host, there.port)
    return following if same else None


async def _read(response: httpx.Response, limit: int, progress: _Progress) -> HttpAnswer:
    kept = bytearray()
    truncated = False
    async for chunk in response.aiter_bytes():
        room = limit - len(kept)
        kept += chunk[:room]
        if len(chunk) > room:
            truncated = True
            break
    return HttpAnswer(
        response.status_code,
        headers=tuple((name.lower(), value) for name, value in response.headers.multi_items()),
        body=bytes(kept),
        truncated=truncated,
        elapsed=progress.elapsed(),
        sent=True,
    )


def _reason(error: httpx.HTTPError) -> str:
    """One line in plain words, without URL, headers or body (they may hold secrets)."""
    if isinstance(error, httpx.ConnectError):
        return _no_connection(error)
    for form, words in _REASONS:
        if isinstance(error, form):
            return words
    return f"the exchange failed ({type(error).__name__})"


def _no_connection(error: httpx.ConnectError) -> str:
    """What the network or the certificate said, found in the chain of causes."""
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case ssl.SSLCertVerificationError():
                stranger = "issuer" in cause.verify_message or "self-signed" in cause.verify_message
                own = "; SSL_CERT_FILE may name the file of an authority of your own" if stranger else ""
                return f"no connection: the server's certificate does not hold: {cause.verify_message.rstrip('.')}{own}"
            case ssl.SSLError():
                return "no connection: the server speaks no TLS that holds"
            case socket.gaierror():
                return "no connection: the name has no address"
            case ConnectionRefusedError():
                return "no connection: refused, nothing listens there"
            case OSError() if cause.errno in _NO_WAY:
                return "no connection: no way leads there"
            case _:
                cause = cause.__cause__ or cause.__context__
    return "no connection"


_NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN)

_REASONS: tuple[tuple[type[httpx.HTTPError], str], ...] = (
    (httpx.ConnectTimeout, f"no connection within {_CONNECT_SECONDS:g} s"),
    (httpx.ReadTimeout, "connected, then silence"),
    (httpx.RemoteProtocolError, "the server closed the connection without a whole answer"),
    (httpx.ReadError, "the connection broke before the answer was complete"),
    (httpx.WriteError, "the connection broke while the request was sent"),
    (httpx.UnsupportedProtocol, "only http:// and https:// are known"),
)
