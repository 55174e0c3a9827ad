"""The way out of every verb: what it returned or raised becomes an exit status and at most a few lines on stderr."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from contextlib import suppress

from typer import Abort
from typer.exceptions import TyperException

from app.cli.exit_codes import ExitCode
from app.cli.lines import Unheard, Unwritable, complain
from app.errors import RunbookInvalid, TminusError

_PIPE_CLOSED = 141
"""What a shell reports for a program that SIGPIPE ended; here the reader of our output has gone."""


def leave_with(verb: Callable[[], object]) -> int:
    """Run `verb` and answer the exit status. Nothing that it raises gets past here."""
    try:
        return _status(verb())
    except TminusError as error:
        return _told(error)
    except (KeyboardInterrupt, Abort):
        complain("Interrupted.", style="muted")
        return ExitCode.INTERRUPTED
    except TyperException as error:
        complain(f"tminus: {error.format_message()}")
        complain("Try `tminus --help`, or `tminus VERB --help`.", style="muted")
        return ExitCode.USAGE
    except Unheard as gone:
        return _unheard(gone)
    except Exception as error:  # noqa: BLE001 - the last door: whatever comes here is a fault of Tminus, and is said
        return _broken(error)


def _unheard(gone: Unheard) -> int:
    if not isinstance(gone, Unwritable):
        return _PIPE_CLOSED
    with suppress(Unheard):  # stderr may go to the same full disk
        complain(f"tminus: {gone} Make room there, or send it elsewhere.")
    return ExitCode.REFUSED


def _status(result: object) -> int:
    return result if isinstance(result, int) and not isinstance(result, bool) else ExitCode.DONE


def _told(error: TminusError) -> int:
    if isinstance(error, RunbookInvalid):
        for problem in error.problems:
            complain(str(problem), style="")
    where = f"{error.where}: " if error.where else ""
    complain(f"tminus: {where}{error.what}")
    if error.hint:
        complain(error.hint, style="")
    return error.exit_code


def _broken(error: Exception) -> int:
    """The path through the code, without values: a message or a local may hold a secret."""
    complain(f"tminus: Tminus itself broke: {type(error).__name__}.")
    for frame in traceback.extract_tb(error.__traceback__)[-6:]:
        complain(f"  {frame.filename}:{frame.lineno} in {frame.name}", style="muted")
    if os.environ.get("TMINUS_DEBUG"):
        from app.session.log_guard import masked

        complain(masked(str(error)), style="muted")
    else:
        complain("With TMINUS_DEBUG=1 its message is shown, too; it may hold values of the run.", style="muted")
    return ExitCode.REFUSED
