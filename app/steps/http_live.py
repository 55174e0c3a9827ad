"""The live half of `http`: one request; once it has left and no answer came, a writing method is in doubt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from app.errors import Refused
from app.ports import HttpAnswer, HttpWork, Say, World
from app.run.outcome import Evidence, Intent, Observed, Outcome, PointsTo, Verdict
from app.runbook.model_step import Step
from app.steps.doubt import Doubt, at, probe_or_doubt
from app.steps.live import Toolbox

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_TIMEOUT = timedelta(seconds=30)
"""Of a step without a `max` of its own."""

_SHOWN = 1 << 20
_GATEWAY_ERRORS = frozenset({502, 504})
"""A proxy lost the server behind it; that server may have done what was asked."""


class HttpLive:
    """perform, settle and stop of `http`."""

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Send it once."""
        try:
            answer = await world.http.send(_work(intent, step, toolbox))
        except Refused as refused:
            return Outcome(Verdict.FAILED, f"nothing was sent: {refused}")
        where = str(getattr(step.body, "url", "")).split("?", 1)[0]
        if answer.status:
            say.alive(where)
            _tell(answer, say)
        if _doubtful(step, answer):
            return at(await probe_or_doubt(_unanswered(answer), intent, step, world, toolbox), where)
        if not answer.status:
            return Outcome(Verdict.FAILED, f"no answer: {answer.error}", elapsed=answer.elapsed)
        cut = "; the body was cut at its limit" if answer.truncated else ""
        outcome = Outcome(Verdict.DONE, f"status {answer.status}{cut}", _observed(answer), elapsed=answer.elapsed)
        return at(outcome, where)

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """A reading request may simply run again; whether a writing one arrived, only a probe can say."""
        del say
        if _reads(step):
            return Outcome(Verdict.NEVER_RAN, "it only read, and its answer was lost: it may run again")
        row = Evidence("Did an answer come?", "the console was gone before it could see one", PointsTo.UNKNOWN)
        doubt = Doubt("in doubt: the request may have arrived", (row,))
        return await probe_or_doubt(doubt, intent, step, world, toolbox)

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """A request that has left cannot be called back: a writing one is waited for, until its own time limit."""
        return not _reads(step)


def _reads(step: Step) -> bool:
    return getattr(step.body, "method", "GET") in _READING


def _doubtful(step: Step, answer: HttpAnswer) -> bool:
    if _reads(step):
        return False
    if not answer.status:
        return answer.sent
    asked = step.expect is not None and "status" in step.expect.rules
    return answer.status in _GATEWAY_ERRORS and not asked


def _unanswered(answer: HttpAnswer) -> Doubt:
    said = f"status {answer.status} from a proxy" if answer.status else answer.error
    evidence = (
        Evidence("Did the request leave?", "yes, or part of it", PointsTo.STARTED),
        Evidence("Did an answer come?", f"no: {said}", PointsTo.UNKNOWN),
    )
    return Doubt(f"in doubt: {said}", evidence)


def _work(intent: Intent, step: Step, toolbox: Toolbox) -> HttpWork:
    body = step.body
    content, kind = _encoded(getattr(body, "body", None))
    headers = tuple(getattr(body, "headers", {}).items())
    if kind and "content-type" not in {name.lower() for name, _ in headers}:
        headers = (*headers, ("Content-Type", kind))
    limit = timedelta(seconds=toolbox.limit_seconds) if toolbox.limit_seconds else _TIMEOUT
    return HttpWork(
        ticket=intent.ticket,
        method=str(getattr(body, "method", "GET")),
        url=str(getattr(body, "url", "")),
        query=tuple(getattr(body, "query", {}).items()),
        headers=headers,
        body=content,
        timeout=limit,
    )


def _encoded(body: Any) -> tuple[bytes, str]:  # noqa: ANN401 - a body is any YAML value
    match body:
        case None:
            return b"", ""
        case str():
            return body.encode(), "text/plain; charset=utf-8"
        case _:
            return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def _tell(answer: HttpAnswer, say: Say) -> None:
    say.output("out", 0, f"status {answer.status}\n".encode() + answer.body[:_SHOWN])


def _observed(answer: HttpAnswer) -> Observed:
    headers: Mapping[str, str] = dict(answer.headers)
    facts: dict[str, Any] = {"status": answer.status, "headers": headers, "duration": answer.elapsed}
    facts["stdout"] = answer.body[:_SHOWN].decode("utf-8", "replace")
    parsed = _parsed(answer, headers.get("content-type", ""))
    if parsed is not None:
        facts["json"] = parsed
    return Observed(facts)


def _parsed(answer: HttpAnswer, content_type: str) -> Any:  # noqa: ANN401 - JSON is any value
    """The body as JSON when it says or looks like it; None when it is none, or was cut."""
    looks = "json" in content_type or answer.body[:64].lstrip()[:1] in (b"{", b"[")
    if answer.truncated or not looks:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
