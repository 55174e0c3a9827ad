"""What is wrong on the way to a database, in an operator's words: a sentence for each fault of network and certificate.

Drivers say it in words of their own, with numbers of the operating system in them; what none of these sentences fits is
passed on as it came.
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from app.errors import Refused, TargetUnreachable

_NUMBER = re.compile(r"\[Errno -?\d+\] ?|\(_ssl\.c:\d+\)|\[SSL[^\]]*\] ?")

_FAULTS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("certificate has expired",),
        "showed a certificate that has expired",
        "Have it renewed. Tminus does not go on without.",
    ),
    (
        ("certificate is not valid for", "hostname mismatch", "does not match host name"),
        "showed a certificate that was made for another name",
        "Check the address; the URL must name the server as its certificate does.",
    ),
    (
        ("self-signed certificate", "self signed certificate", "unable to get local issuer"),
        "showed a certificate of an authority that is not known here",
        "Name the file of the authority in the URL: sslrootcert=FILE (PostgreSQL), ssl_ca=FILE (MySQL).",
    ),
    (
        ("certificate verify failed",),
        "showed a certificate that does not hold: expired, made for another name, or of an authority not known here",
        "`openssl s_client -starttls postgres -connect HOST:PORT` shows it.",
    ),
    (
        ("does not support ssl", "ssl is required but the server"),
        "offers no encryption, and the URL asks for it",
        "Turn it on there. Without it everybody on the way can read along.",
    ),
    (
        ("connection refused",),
        "refuses connections: nothing listens there",
        "Check the port, and that the server runs.",
    ),
    (
        ("no route to host", "network is unreachable"),
        "cannot be reached: no way leads there",
        "Check the network, the VPN, and `via`.",
    ),
    (
        ("timeout", "timed out"),
        "did not answer within 5 s",
        "Check that it runs, and for a firewall that drops packets.",
    ),
)
_NO_NAME = ("name or service not known", "failed to resolve", "name resolution", "nodename nor servname", "getaddrinfo")


def tidy(text: str) -> str:
    """A driver's text on one line, without the numbers of the operating system."""
    return " ".join(_NUMBER.sub("", text).split()).strip(" .").replace(" )", ")")


def unreachable(where: str, url: sa.URL, text: str) -> TargetUnreachable:
    """No connection came about."""
    low = text.lower()
    if url.host and any(sign in low for sign in _NO_NAME):
        return TargetUnreachable(
            f"The name {url.host} has no address.", where=where, hint="Check its spelling, and DNS."
        )
    for signs, what, hint in _FAULTS if url.host else ():
        if any(sign in low for sign in signs):
            return TargetUnreachable(f"{_spot(url)} {what}.", where=where, hint=hint)
    return TargetUnreachable(f"No answer: {tidy(text)}.", where=where, hint="Check the address and that it runs.")


def login_refused(where: str, text: str) -> Refused:
    """A server that answered and does not want us."""
    return Refused(f"The login was refused: {tidy(text)}.", where=where, hint="Check user, password and rights.")


def _spot(url: sa.URL) -> str:
    host = f"[{url.host}]" if url.host and ":" in url.host else url.host
    return f"{host}:{url.port}" if url.port else f"{host}"
