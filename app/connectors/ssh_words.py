"""What is wrong with a host, in an operator's words: a sentence for each fault of network, key and login."""

from __future__ import annotations

import errno

from app.connectors.ssh_route import Route
from app.connectors.ssh_trust import HostKey, Judgement, Verdict
from app.errors import Refused, TargetUnreachable


class LinkLost(Exception):
    """A connection ended or fell silent. `sent`: some of a request may have arrived. Never leaves the connectors."""

    def __init__(self, what: str, *, sent: bool = True) -> None:
        super().__init__(what)
        self.what = what
        self.sent = sent


def where(route: Route) -> str:
    """The host as every sentence names it."""
    return f"host {route.name}"


def silent(route: Route, seconds: float) -> TargetUnreachable:
    """Nothing came back at all."""
    return TargetUnreachable(
        f"{route.spot} did not answer within {seconds:g} s.",
        where=where(route),
        hint="Check that it runs, and for a firewall that drops packets.",
    )


def mute(route: Route, seconds: float) -> TargetUnreachable:
    """It takes connections and says nothing."""
    return TargetUnreachable(
        f"{route.spot} takes the connection and says nothing for {seconds:g} s.",
        where=where(route),
        hint="Check that an SSH server listens on this port and is not overloaded.",
    )


def no_such_name(route: Route) -> TargetUnreachable:
    """The name has no address."""
    return TargetUnreachable(
        f"The name {route.address} has no address.", where=where(route), hint="Check its spelling, and DNS."
    )


def not_connected(route: Route, error: OSError) -> TargetUnreachable:
    """The operating system says why."""
    if error.errno == errno.ECONNREFUSED:
        what, hint = "refuses connections: nothing listens there", "Check the port, and that sshd runs."
    elif error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        what, hint = "cannot be reached: no way leads there", "Check the network, the VPN, and `via`."
    elif error.errno == errno.ETIMEDOUT:
        what, hint = "did not answer", "Check that it runs, and for a firewall that drops packets."
    else:
        what, hint = f"cannot be reached: {error.strerror or type(error).__name__}", "Check the network."
    return TargetUnreachable(f"{route.spot} {what}.", where=where(route), hint=hint)


def no_handshake(route: Route, said: str) -> TargetUnreachable:
    """It answers, and no encrypted connection came of it."""
    hint = "Check that an SSH server listens on this port."
    if "no acceptable" in said.lower() or "incompatible" in said.lower():
        hint = "The server offers only methods that are too old or too new for Tminus."
    return TargetUnreachable(f"No connection came about with {route.spot}: {said}.", where=where(route), hint=hint)


def not_forwarded(route: Route, said: str) -> TargetUnreachable:
    """The host before it would not pass the connection on."""
    before = route.via.name if route.via else "the host before it"
    return TargetUnreachable(
        f"{before} does not pass connections on to {route.spot}: {said}.",
        where=where(route),
        hint=f"Check the address as seen from {before}, and AllowTcpForwarding there.",
    )


class Distrusted(Refused):
    """The host (this one, or one on the way) showed a key that is not one to go on with."""

    def __init__(self, route: Route, shown: tuple[HostKey, Judgement], what: str, hint: str) -> None:
        super().__init__(what, where=where(route), hint=hint)
        self.route = route
        self.key, self.found = shown


def distrusted(route: Route, key: HostKey, found: Judgement) -> Distrusted:
    """The key that it showed is not one to go on with."""
    place = f" ({found.line.place})" if found.line else ""
    known = found.line.key if found.line else None
    match found.verdict:
        case Verdict.REVOKED:
            what = f"{route.spot} showed a key that is revoked{place}: {key.kind} {key.fingerprint}."
            hint = "Nobody may use this key any more. Do not go on before you know why the host still has it."
        case Verdict.CHANGED:
            assert known is not None
            what = (
                f"The key of {route.spot} has changed: it is known by {known.kind} {known.fingerprint}{place}, and it "
                f"showed {key.kind} {key.fingerprint}."
            )
            hint = "Somebody may sit in between. If the host was set up anew, remove that line, then trust the new key."
        case Verdict.AUTHORITY:
            what = f"{route.spot} is known through a certificate authority only{place}; Tminus checks no certificates."
            hint = f"Trust its own key: {command(route)}"
        case _:
            what = f"{route.spot} is not known. It showed {key.kind} {key.fingerprint}."
            hint = f"Compare that with the host's own, then: {command(route)}"
    return Distrusted(route, (key, found), what, hint)


def command(route: Route) -> str:
    """The command line that shows and trusts its key."""
    via = f" --via {route.via.login.user}@{route.via.spot}" if route.via else ""
    return f"tminus host trust {route.spot}{via}"


def login_refused(route: Route, tried: tuple[str, ...], notes: tuple[str, ...]) -> Refused:
    """Nothing that was tried let us in."""
    ways = ", ".join(tried) or "nothing: there is no key and no password"
    return Refused(
        " ".join((f"{route.spot} refused the login of {route.login.user}. Tried: {ways}.", *notes)),
        where=where(route),
        hint="Check the user, and that one of these keys is in its authorized_keys.",
    )


def more_wanted(route: Route, methods: str) -> Refused:
    """A second factor that nobody can give here."""
    return Refused(
        f"{route.spot} wants more than a key from {route.login.user}: {methods}.",
        where=where(route),
        hint="Tminus can give a key and a password only.",
    )


def unconfirmed(route: Route) -> Refused:
    """A command of ~/.ssh/config that nobody has agreed to run."""
    return Refused(
        f"~/.ssh/config wants to run a command on this machine to reach {route.address}: {route.proxy_command}",
        where=where(route),
        hint=f"Use `via` or ProxyJump; or, to agree to this very command: {command(route)} --proxy-command",
    )


def no_shell(route: Route, user: str, said: str) -> Refused | TargetUnreachable:
    """The shell at the far side ended without an answer; `said` is what stood on its stderr."""
    low = said.lower()
    if user and ("password is required" in low or "a terminal is required" in low):
        return Refused(
            f"{route.login.user} may not become {user} on {route.spot} without a password.",
            where=where(route),
            hint=f"Allow it in sudoers: {route.login.user} ALL=({user}) NOPASSWD: {route.shell[0]}",
        )
    if user and ("not allowed" in low or "not in the sudoers" in low or "unknown user" in low):
        return Refused(
            f"sudo on {route.spot} does not let {route.login.user} become {user}: {said[-200:]}",
            where=where(route),
            hint=f"Allow it in sudoers: {route.login.user} ALL=({user}) NOPASSWD: {route.shell[0]}",
        )
    words = f"said {said[-200:]!r}" if said else "said nothing"
    if "not found" in low or "no such file" in low or "not available" in low:
        return Refused(
            f"No shell could be started on {route.spot}: it {words}.",
            where=where(route),
            hint="Check the account's login shell, `shell`, and that sudo is there if the step wants it.",
        )
    return TargetUnreachable(
        f"The shell on {route.spot} ended without an answer and {words}.", where=where(route), hint="Log in and look."
    )
