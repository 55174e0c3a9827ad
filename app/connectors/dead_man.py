"""The protocol of the dead-man switch: builds the requests of `far/dead_man.sh` and reads its `D key=value ...` line.

The switch is a ticket like any other (app/connectors/detached.py) whose launch is left to a watcher at the target, so
`state`, `attach`, `fence` and `forget` of that ticket answer for it. Nothing here does I/O.
"""

from __future__ import annotations

import secrets

from app.connectors import quoting
from app.connectors.detached import FarSide, folder_name
from app.errors import Refused, TargetUnreachable
from app.ports import Limits, Payload
from app.switch import Switch, SwitchState, SwitchWord

TEXT = "dead_man.sh"
"""What a request with one of these calls brings along."""


def arming(far: FarSide, ticket: str, payload: Payload, how: tuple[Limits, Switch]) -> str:
    """The call that arms it. Raises Refused for what cannot be sent."""
    limits, switch = how
    parts = {
        "sup": quoting.shell_text("supervise.sh").encode("ascii"),
        "cmd": quoting.command_text(payload).encode("utf-8", "surrogateescape"),
        "script": payload.script.encode("utf-8", "surrogateescape"),
        "in": quoting.open_stdin(payload),
        "watch": far.request('watch "$@"', more=TEXT),
    }
    sums = "\n".join(f"{quoting.posix_cksum(data)} {len(data)} {name}" for name, data in sorted(parts.items()) if data)
    words = [folder_name(ticket), secrets.token_hex(8), sums, str(limits.seconds), str(limits.output_bytes)]
    words += [str(switch.seconds), _step(switch)]
    words += [quoting.escaped(parts[name]) for name in ("sup", "cmd", "script", "in", "watch")]
    words.append(quoting.secret_text(payload))
    return "arm " + " ".join(quoting.quoted(word) for word in words)


def _step(switch: Switch) -> str:
    if not switch.step:
        return "-"
    return folder_name(switch.step) + (" again" if switch.again else "")


def beating(ticket: str) -> str:
    """The call that says: somebody is there."""
    return f"beat {folder_name(ticket)}"


def read(words: dict[str, str], where: str) -> SwitchState:
    """What the far side says of the switch. Raises Refused when it was not armed, TargetUnreachable for nonsense."""
    word = words.get("L", "armed")
    if word in ("no-room", "cut-short", "lost"):
        raise Refused(f"The watcher of the undo did not start ({word}).", where=where, hint="Make room there.")
    facts = dict(pair.partition("=")[::2] for pair in words.get("D", "").split())
    try:
        return SwitchState(
            word=SwitchWord(facts.get("word", "")),
            left=int(facts.get("left") or 0),
            fired=facts.get("fired", "-").removeprefix("-"),
            silent=int(facts.get("silent") or 0),
            host=facts.get("host", ""),
            boot=facts.get("boot", ""),
            now=facts.get("now", ""),
        )
    except ValueError as error:
        raise TargetUnreachable("The far side said nothing of the switch that can be read.", where=where) from error
