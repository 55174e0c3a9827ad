"""`tminus host trust NAME` and `tminus host list`: which key belongs to which host, said once by a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.books import AsJson, Env
from app.cli.exit_codes import ExitCode, Misspelled
from app.cli.lines import complain, someone_is_there, tell, tell_json, tell_table
from app.cli.places import Home, settings_for
from app.errors import AnswerMissing, Refused

if TYPE_CHECKING:
    from app.session.trust import ShownKey, Target

Act = Annotated[Literal["trust", "list"], typer.Argument(metavar="trust|list", help="What to do.")]
Name = Annotated[
    str, typer.Argument(metavar="[NAME]", help="[user@]address[:port], a name of ~/.ssh/config, or of the runbook.")
]
Via = Annotated[str, typer.Option("--via", metavar="HOST", help="The host on the way there.")]
Fingerprint = Annotated[
    str, typer.Option("--fingerprint", metavar="SHA256:...", help="Trust it if the key has this fingerprint.")
]
BookOption = Annotated[Path | None, typer.Option("--runbook", metavar="FILE", help="NAME is a host of this runbook.")]
Proxy = Annotated[
    bool, typer.Option("--proxy-command", help="Agree to run the ProxyCommand that ~/.ssh/config has for it.")
]


def host(
    ctx: typer.Context,
    act: Act,
    name: Name = "",
    *,
    via: Via = "",
    fingerprint: Fingerprint = "",
    runbook: BookOption = None,
    env: Env = "",
    proxy_command: Proxy = False,
    as_json: AsJson = False,
    home: Home = None,
) -> ExitCode:
    """Trust the key of a host, or list the keys that were trusted here."""
    place = settings_for(ctx, home).home
    if act == "list":
        return _list(place, as_json=as_json)
    if not name:
        raise Misspelled("Which host?", hint="tminus host trust NAME")
    target = _target(name, via, runbook, env)
    if proxy_command:
        _agree(target, place)
    return _trust(target, place, fingerprint.strip(), as_json=as_json)


def _list(home: Path, *, as_json: bool) -> ExitCode:
    from app.session.trust import trusted

    rows = trusted(home)
    if as_json:
        tell_json([{"names": names, "kind": kind, "fingerprint": print_} for names, kind, print_ in rows])
    elif rows:
        tell_table(rows)
    else:
        tell("No host was trusted here yet; those of ~/.ssh/known_hosts count as well.", style="muted")
    return ExitCode.DONE


def _trust(target: Target, home: Path, fingerprint: str, *, as_json: bool) -> ExitCode:
    from app.session.trust import show_key, trust_key

    shown = show_key(target, home)
    _show(shown, as_json=as_json)
    if shown.verdict == "trusted":
        return _is_trusted(shown, f"It is trusted already ({shown.known}).", as_json=as_json)
    if shown.verdict in {"changed", "revoked"}:
        word = "is revoked" if shown.verdict == "revoked" else "is not the one that it is known by"
        raise Refused(f"This key {word}.", where=shown.known, hint="Find out why. Remove that line to trust it anew.")
    _compare(shown, fingerprint)
    trust_key(shown, home)
    return _is_trusted(shown, f"{shown.name} is trusted.", as_json=as_json)


def _show(shown: ShownKey, *, as_json: bool) -> None:
    """What a person compares; beside JSON it goes to stderr, so that stdout is one object and no more."""
    rows = [("host", shown.name), ("key", shown.kind), ("fingerprint", shown.fingerprint)]
    if not as_json:
        tell_table(rows)
    elif someone_is_there():
        for label, value in rows:
            complain(f"{label}: {value}", style="")


def _is_trusted(shown: ShownKey, says: str, *, as_json: bool) -> ExitCode:
    if as_json:
        facts = {"host": shown.name, "kind": shown.kind, "fingerprint": shown.fingerprint}
        tell_json(facts | {"trusted": True, "already": shown.verdict == "trusted", "says": says})
    else:
        tell(says, style="ok")
    return ExitCode.DONE


def _compare(shown: ShownKey, fingerprint: str) -> None:
    """A person, or the fingerprint given, says yes. Raises Refused, AnswerMissing."""
    if fingerprint:
        if fingerprint.removeprefix("SHA256:") != shown.fingerprint.removeprefix("SHA256:"):
            raise Refused("The host shows another fingerprint than the one given.", hint="Do not trust it.")
        return
    if not someone_is_there():
        raise AnswerMissing(
            "Somebody must compare the fingerprint, and nobody is there.",
            hint=f"Compare it yourself, then give --fingerprint {shown.fingerprint}",
        )
    complain("Compare it with the host's own (ssh-keygen -l -f /etc/ssh/ssh_host_*_key.pub there).", style="strong")
    complain("Type yes to trust it:", style="strong")
    if input().strip().lower() != "yes":
        raise Refused("Not trusted; nothing was written.")


def _agree(target: Target, home: Path) -> None:
    from app.session.trust import agree, proxy_command

    command = proxy_command(target)
    if not command:
        raise Refused("~/.ssh/config has no ProxyCommand for it.", hint="Leave --proxy-command out.")
    complain(f"To reach it, this would be run here: {command}", style="strong")
    if not someone_is_there():
        raise AnswerMissing("Somebody must agree to that, and nobody is there.", hint="Run this in a terminal.")
    complain("Type yes to agree:", style="strong")
    if input().strip().lower() != "yes":
        raise Refused("Not agreed; nothing was written.")
    agree(command, home)


def _target(name: str, via: str, runbook: Path | None, env: str) -> Target:
    from app.session.trust import Target

    if runbook is None:
        return Target(name, via)
    from app.connectors.clock import SystemClock
    from app.session import open_runbook
    from app.session.opening import inputs_of

    return Target(name, via, inputs_of(open_runbook(runbook, env), env, {}, SystemClock().now()))
