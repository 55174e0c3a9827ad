"""`tminus secret`: set, test, list and forget what runbooks name; a value is typed in or piped, never an argument."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.books import AsJson
from app.cli.exit_codes import ExitCode, Misspelled
from app.cli.lines import someone_is_there, tell, tell_json, tell_table
from app.cli.places import Home, settings_for
from app.cli.starting import secret_prompt
from app.errors import AnswerMissing, Refused

if TYPE_CHECKING:
    from app.session.secret_room import SecretRoom

_LONGEST = 1 << 16


class Deed(StrEnum):
    """What may be done with a secret."""

    SET = "set"
    TEST = "test"
    LIST = "list"
    FORGET = "forget"


DeedArgument = Annotated[Deed, typer.Argument(help="set asks for the value, or reads it from a pipe.")]
SecretName = Annotated[str, typer.Argument(metavar="[NAME]", help="The entry, as a runbook names it.")]


def secret(
    ctx: typer.Context, deed: DeedArgument, name: SecretName = "", *, as_json: AsJson = False, home: Home = None
) -> ExitCode:
    """Keep credentials: in the desktop's keyring, else in an encrypted vault file."""
    from app.session.secret_room import SecretRoom

    room = SecretRoom(settings_for(ctx, home).home, secret_prompt())
    if deed is Deed.LIST:
        _list(room, as_json=as_json)
        return ExitCode.DONE
    if not name:
        raise Misspelled(f"Which secret shall be {_DONE[deed]}?", hint=f"Write `tminus secret {deed} NAME`.")
    said = _do(room, deed, name)
    if as_json:
        tell_json({"ok": True, "name": name, "says": said})
    else:
        tell(said)
    return ExitCode.DONE


def _do(room: SecretRoom, deed: Deed, name: str) -> str:
    if deed is Deed.SET:
        return room.set(name, _value(name))
    return room.test(name) if deed is Deed.TEST else room.forget(name)


_DONE = {Deed.SET: "set", Deed.TEST: "tried", Deed.FORGET: "forgotten"}


def _list(room: SecretRoom, *, as_json: bool) -> None:
    kept = room.kept()
    if as_json:
        tell_json([{"name": one.name, "kept": one.where, "set": one.set, "used": one.used} for one in kept])
    elif kept:
        rows = [(one.name, one.where, one.set or "unknown", one.used or "never") for one in kept]
        tell_table([("NAME", "KEPT IN", "SET", "LAST USED"), *rows])
    else:
        tell("No secret was set on this machine.")


def _value(name: str) -> str:
    """Typed twice and unseen, or all of a pipe without its last line end. Raises Refused, AnswerMissing."""
    if not someone_is_there():
        value = sys.stdin.read(_LONGEST + 1) if sys.stdin is not None else ""
        value = value.removesuffix("\n").removesuffix("\r")
        if not value:
            raise AnswerMissing(f"The value of {name} is missing.", hint="Type it at a terminal, or pipe it in.")
        if len(value) > _LONGEST:
            raise Refused(f"The value of {name} is longer than 64 KiB.")
        return value
    import getpass

    first = getpass.getpass(f"{name}: ")
    if getpass.getpass(f"{name}, again: ") != first:
        raise Refused("The two differ; nothing was kept.", hint="Try again.")
    return first
