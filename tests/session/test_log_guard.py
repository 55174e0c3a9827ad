"""No logger of any library writes a secret, however far it is turned up."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from app.session.log_guard import mask_logs, masked

SECRET = "c4nary log/word 31"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What a logger wrote that existed before any secret was known."""
    out = io.StringIO()
    before = logging.getLogRecordFactory()
    logger, handler = logging.getLogger("library.deep.down"), logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(message)s %(args)r"))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield out
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def test_messages_arguments_tracebacks_and_stacks_are_masked(said: io.StringIO) -> None:
    logger = logging.getLogger("library.deep.down")
    mask_logs([SECRET])
    mask_logs(["another secret"])
    logger.debug("plain %s", SECRET)
    logger.debug("headers %r", [(b"X-You", SECRET.encode())])
    logger.debug("by name %(pw)s", {"pw": quote(SECRET, safe="")})
    logger.debug("broken %d", SECRET)
    try:
        int(SECRET)
    except ValueError:
        logger.exception("it broke with another secret", stack_info=True)
    text = said.getvalue()
    assert text.count("***") >= 5 and "Traceback" in text and "Stack (most recent call last)" in text
    assert SECRET not in text and quote(SECRET, safe="") not in text and "another secret" not in text
    assert masked(f"x {SECRET} y") == "x *** y"


def test_what_is_too_short_to_be_told_apart_masks_nothing(said: io.StringIO) -> None:
    mask_logs(["short", ""])
    logging.getLogger("library.deep.down").debug("a short word")
    assert said.getvalue().startswith("a short word")
    assert masked("a short word") == "a short word"


class Spiteful:
    """What shows a secret when it cannot be put into words."""

    def __str__(self) -> str:
        raise RuntimeError(SECRET)

    def __repr__(self) -> str:
        raise OSError(SECRET)


@pytest.mark.parametrize("says", ["%s", "%r", "%d"])
def test_what_cannot_be_put_into_words_breaks_nobody_and_shows_nothing(said: io.StringIO, says: str) -> None:
    mask_logs([SECRET])
    logging.getLogger("library.deep.down").debug(says, Spiteful())
    logging.getLogger("library.deep.down").debug("after it")
    assert "could not be put into words" in said.getvalue() and "after it" in said.getvalue()
    assert SECRET not in said.getvalue()
