"""What the command line's exit status means, in one table."""

from __future__ import annotations

from enum import IntEnum

from app.errors import Refused


class ExitCode(IntEnum):
    """Stable: scripts rely on these numbers."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    ANOTHER_CONSOLE = 3
    IN_DOUBT = 4
    RECORD_UNWRITABLE = 5
    RECORD_DAMAGED = 6
    STEP_FAILED = 7
    ROLLED_BACK = 8
    ROLLBACK_INCOMPLETE = 9
    ANSWER_MISSING = 10
    INTERRUPTED = 130


class Misspelled(Refused):
    """The command line is wrong: an option that is not written in its form. Nothing was looked at yet."""

    exit_code = ExitCode.USAGE


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.REFUSED: "refused or invalid: a problem in the runbook, a failed preflight, a wrong target",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.ANOTHER_CONSOLE: "another console drives this run",
    ExitCode.IN_DOUBT: "in doubt: an outcome is unknown and waits for the operator",
    ExitCode.RECORD_UNWRITABLE: "the record cannot be written",
    ExitCode.RECORD_DAMAGED: "the record was changed, or cannot be verified",
    ExitCode.STEP_FAILED: "a step failed and the run stopped",
    ExitCode.ROLLED_BACK: "rolled back, as asked or as the runbook says",
    ExitCode.ROLLBACK_INCOMPLETE: "the rollback failed or is incomplete",
    ExitCode.ANSWER_MISSING: "an answer is needed and nobody is there",
    ExitCode.INTERRUPTED: "interrupted; the run can be resumed",
}
