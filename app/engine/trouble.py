"""How the engine names what went wrong: a fault, a request that came to nothing, a wish that was refused."""

from __future__ import annotations

import traceback

from app.run import events as e
from app.run import requests as r
from app.run.intentions import Next


def refusal(request: r.Request, why: str) -> e.RequestRefused:
    """What is recorded of a request that came to nothing."""
    what = f"{type(request).__name__} {getattr(request, 'address', '')}".strip()
    return e.RequestRefused(request.by, what, why)


def gist(wanted: Next) -> tuple[type, str]:
    """What is wanted of which step, whatever its words are this moment."""
    return type(wanted), str(getattr(wanted, "address", ""))


def traced(fault: BaseException) -> str:
    """The whole traceback as text, not yet redacted."""
    return "".join(traceback.format_exception(fault))
