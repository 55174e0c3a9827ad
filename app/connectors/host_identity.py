"""Who a host is: the key that it proved to have and the id of its machine; asked, and insisted on, in one conversation.

facts: the key under its kind ("ssh-ed25519"), and `machine` (/etc/machine-id, else D-Bus's, else FreeBSD's
/etc/hostid), or `hostname` where the machine has no id. A host may show keys of several kinds, so keys of different
kinds say nothing about each other; then the id of the machine must speak.

A machine that was known by its id must show that id: one that shows none any more is another installation, or a file
that was taken away, and its name and key alone are shared by its clones.

What a command insists on stands in front of its launch, in the same request: the far side refuses before it makes the
ticket's gate, so nothing runs on a stranger, and it costs no round trip.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.connectors import quoting
from app.connectors.ssh_trust import HostKey
from app.errors import Refused, TargetUnreachable
from app.ports import Fingerprint

Facts = tuple[tuple[str, str], ...]

STRANGER = "this is not the host that the run saw before"
_MACHINE = "machine"
_HOSTNAME = "hostname"
_ASK = """
boot
printf 'M os=%s machine=%s name=%s boot=%s\\n' "$(word "$(uname -s)")" "$t_machine" "$(word "$(uname -n)")" \\
  "$(word "$t_boot")"
"""
_INSIST = """
t_was={was}
if [ "$t_machine" != "$t_was" ]; then
  echo "X {stranger}: machine is ${t_machine:-unknown}, was $t_was"; exit 0; fi
"""
_INSIST_ON_NAME = """
t_was={was}
if [ -z "$t_machine" ] && [ "$(uname -n)" != "$t_was" ]; then
  echo "X {stranger}: hostname is $(word "$(uname -n)"), was $(word "$t_was")"; exit 0; fi
"""


def asking() -> str:
    """The call that answers with one `M` line."""
    return quoting.shell_text("machine.sh") + _ASK


def insisting(expects: Facts) -> tuple[str, ...]:
    """The call that lets nothing after it happen on another machine; () when nothing is known of the machine."""
    known = dict(expects)
    for fact, check in ((_MACHINE, _INSIST), (_HOSTNAME, _INSIST_ON_NAME)):
        if known.get(fact):
            said = check.replace("{was}", quoting.quoted(known[fact])).replace("{stranger}", STRANGER)
            return (quoting.shell_text("machine.sh") + said,)
    return ()


def admit(key: HostKey, expects: Facts, where: str) -> None:
    """Lets a connection pass that proved to have the key. Raises Refused in words for another one."""
    known = dict(expects)
    was = known.get(key.kind, "")
    if was == key.fingerprint or not expects:
        return
    if was:
        raise _stranger(f"its {key.kind} key is {key.fingerprint}, was {was}", where)
    if not known.get(_MACHINE):  # another kind of key, and no id that could vouch for it
        others = ", ".join(f"{kind} {value}" for kind, value in expects if kind not in (_MACHINE, _HOSTNAME))
        raise _stranger(f"it shows {key.kind} {key.fingerprint}, was {others or 'another'}", where)


def fingerprint(key: HostKey, said: Sequence[str], where: str) -> Fingerprint:
    """From the key of the connection and the words of the `M` line. Raises TargetUnreachable for no such words."""
    facts = dict(word.partition("=")[::2] for word in said)
    machine, name, boot = (facts.get(word, "") for word in (_MACHINE, "name", "boot"))
    if not (machine or name):
        raise TargetUnreachable("It does not say which machine it is.", where=where, hint="Check its shell.")
    own = (_MACHINE, machine) if machine else (_HOSTNAME, name)
    instance = f"host {key.fingerprint} {machine} {name} {boot}"
    return Fingerprint(facts.get("os", "").lower() or "host", ((key.kind, key.fingerprint), own), instance)


def _stranger(how: str, where: str) -> Refused:
    return Refused(f"{STRANGER[0].upper()}{STRANGER[1:]}: {how}.", where=where, hint="Nothing was sent to it.")
