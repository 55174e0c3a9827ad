"""Secrets stay out of every log: whatever a library says to whichever logger is masked where the record of it is made.

Levels and handlers are no protection: whoever turns logging up would find the headers that a server repeated, or the
words of an exception in a task's description. What is known is kept by the process's own factory of log records, since
that is what all loggers share; it knows the secrets of every run of this process.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from app.connectors.secrets import SHORTEST
from app.engine.redact import Redactor

_UNSAYABLE = "A line that could not be put into words was logged here; it is left out, as it may hold anything."


def mask_logs(values: Iterable[str]) -> None:
    """From now on these values are `***` in every message, traceback and stack that anything in this process logs."""
    known = [value for value in values if len(value.strip()) >= SHORTEST]
    if not known:
        return
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _Masking):
        factory = _Masking(factory)
        logging.setLogRecordFactory(factory)
    for value in known:
        factory.redactor.learn(value)


def masked(text: str) -> str:
    """The text without the secrets that this process knows by now."""
    factory = logging.getLogRecordFactory()
    return factory.redactor.text(text) if isinstance(factory, _Masking) else text


class _Masking:
    """A factory of log records in front of another one."""

    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self.redactor = Redactor()
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - those of logging.LogRecord
        record = self._make(*args, **kwargs)
        record.msg, record.args = self.redactor.text(_message(record)), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self.redactor.text("".join(traceback.format_exception(*record.exc_info)).rstrip())
        record.exc_info = None  # a handler that formats it anew would find the exception itself
        if record.stack_info:
            record.stack_info = self.redactor.text(record.stack_info)
        return record


def _message(record: logging.LogRecord) -> str:
    """What it says; words that do not fit together would end up unmasked in the complaint of their handler."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - whatever an argument's own words raise, no line may break its caller or show it
        return _UNSAYABLE
