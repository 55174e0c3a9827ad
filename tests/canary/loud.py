"""The command line with everything turned up: every logger of every library at DEBUG, into one file, whatever it wants.

Run as `python -X dev loud.py VERB... --- VERB...`: several verbs, one after the other. TMINUS_LOUD names the file;
TMINUS_LOUD_CRASH makes it break: "send" on the engine's thread, "look" before a run, with a secret in the exception.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TextIO

_FILE = logging.FileHandler(os.environ["TMINUS_LOUD"], encoding="utf-8")
_FILE.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)r"))


def dump(file: TextIO) -> None:
    """The stacks of all threads, again and again; from a thread, since `dump_traceback_later` may crash among many."""
    while True:
        time.sleep(0.5)
        faulthandler.dump_traceback(file, all_threads=True)


class Loud(logging.Logger):
    """Takes every message and hands it to the file; levels, `propagate` and handlers of its owner change nothing."""

    def isEnabledFor(self, level: int) -> bool:
        del level
        return True

    def getEffectiveLevel(self) -> int:
        return logging.DEBUG

    def callHandlers(self, record: logging.LogRecord) -> None:
        _FILE.handle(record)


def crash_of_a_look() -> None:
    """From now on a look ahead breaks on the main thread, with a secret in the words of the exception."""
    from app.session import gate
    from app.session.look_ahead import Sight, Sighted

    def broken(sight: Sight) -> Sighted:
        raise RuntimeError(f"planted: {sight.vault.plain_values()['head-pw']}")

    vars(gate)["look"] = broken


def crash() -> None:
    """From now on a request to /crash breaks, with what it was about to send in the words of the exception."""
    from app.connectors.http import HttpConnector
    from app.ports import HttpAnswer, HttpWork

    real = HttpConnector.send

    async def broken(self: HttpConnector, work: HttpWork) -> HttpAnswer:
        if not work.url.endswith("/crash"):
            return await real(self, work)
        secret = self._secrets.reveal(dict(work.headers)["Authorization"])
        try:
            int(secret)
        except ValueError as inner:
            raise RuntimeError(f"planted: {secret}") from inner
        raise AssertionError

    HttpConnector.send = broken  # type: ignore[method-assign]  # it breaks on purpose


if __name__ == "__main__":
    logging.setLoggerClass(Loud)
    log = Path(os.environ["TMINUS_LOUD"])
    stacks = log.with_suffix(".stacks").open("a", encoding="utf-8")
    faulthandler.enable(stacks, all_threads=True)
    threading.Thread(target=dump, args=(stacks,), daemon=True).start()
    sys.path.insert(0, os.environ["TMINUS_LOUD_ROOT"])
    if "TMINUS_LOUD_CRASH" in os.environ:
        {"look": crash_of_a_look, "send": crash}[os.environ["TMINUS_LOUD_CRASH"]]()
    from app.cli.doors import leave_with
    from app.cli.main import enter

    for words in " ".join(sys.argv[1:]).split(" --- "):
        try:
            code = leave_with(partial(enter, words.split(" ")))
        except BaseException:  # noqa: BLE001  # what the interpreter would print is what is looked at
            traceback.print_exc()
            code = -1
        sys.stdout.write(f"\n=== {int(code)} {words}\n")
