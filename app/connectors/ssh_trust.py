"""Which key belongs to which host: reads known_hosts files as OpenSSH does, and writes our own.

Understood: several names on a line, `*` and `?`, `!` for all but, `[host]:port`, hashed names (`|1|`), `@revoked`. A
`@cert-authority` line is seen and refused in words, because certificates are not checked. Lines that nobody can read
are passed over, as OpenSSH does. Files of other programs are never written.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.connectors.ssh_config import matches
from app.errors import RecordUnwritable, Refused

_USUAL_PORT = 22


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public key as it stands in a file: its kind ("ssh-ed25519") and its bytes."""

    kind: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As OpenSSH shows it: `SHA256:` and base64 without padding."""
        digest = hashlib.sha256(self.blob).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


class Verdict(StrEnum):
    """What the files say of a key that a host showed."""

    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file. `marker` is "", "revoked" or "cert-authority"; `place` is file:line."""

    marker: str
    names: tuple[str, ...]
    key: HostKey
    place: str

    def fits(self, name: str) -> bool:
        """Whether it speaks of this name (`host` or `[host]:port`)."""
        if len(self.names) == 1 and self.names[0].startswith("|1|"):
            return _hashed_fits(self.names[0], name)
        return matches(name, list(self.names))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the line that decided it."""

    verdict: Verdict
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The lines of all files, in order."""

    lines: tuple[Line, ...]

    def judge(self, host: str, port: int, key: HostKey) -> Judgement:
        """What they say of a key that a host showed at a port. Revoked beats everything."""
        fitting = [line for line in self.lines if line.fits(name_of(host, port))]
        elsewhere = [line for line in self.lines if port != _USUAL_PORT and line.fits(host)]
        for line in (*fitting, *elsewhere):
            if line.marker == "revoked" and line.key == key:
                return Judgement(Verdict.REVOKED, line)
        plain = [line for line in fitting if not line.marker]
        for line in (*plain, *(line for line in elsewhere if not line.marker)):
            if line.key == key:
                return Judgement(Verdict.TRUSTED, line)
        if plain:
            # Also when only the kind is new: else whoever sits in between would offer another kind and be a stranger.
            return Judgement(Verdict.CHANGED, next((line for line in plain if line.key.kind == key.kind), plain[0]))
        authority = next((line for line in fitting if line.marker == "cert-authority"), None)
        return Judgement(Verdict.AUTHORITY if authority else Verdict.UNKNOWN, authority)

    def of(self, host: str, port: int) -> tuple[Line, ...]:
        """The lines that let a key of this host in, those for its port first."""
        names = dict.fromkeys((name_of(host, port), host.lower()))
        return tuple(line for name in names for line in self.lines if not line.marker and line.fits(name))

    def kinds(self, host: str, port: int) -> tuple[str, ...]:
        """The kinds of key that the host is known by, to be asked for first."""
        names = {name_of(host, port), host}
        found = [line.key.kind for line in self.lines if not line.marker and any(line.fits(name) for name in names)]
        return tuple(dict.fromkeys(found))


class Trust:
    """The files, read again whenever one of them changed. The first one is ours and may be written."""

    def __init__(self, own: Path, others: tuple[Path, ...] = ()) -> None:
        self.own = own
        self._files = (own, *others)
        self._seen: tuple[tuple[int, int], ...] = ()
        self._known = KnownHosts(())

    def now(self) -> KnownHosts:
        """What the files say now. Raises Refused for one that cannot be read."""
        seen = tuple(_version(file) for file in self._files)
        if seen != self._seen:
            self._known = KnownHosts(tuple(line for file in self._files for line in read(file)))
            self._seen = seen
        return self._known

    def add(self, host: str, port: int, key: HostKey) -> None:
        """Trust this key from now on. Raises Refused when the host is known otherwise, RecordUnwritable."""
        found = self.now().judge(host, port, key)
        if found.verdict is Verdict.TRUSTED:
            return
        if found.verdict in (Verdict.CHANGED, Verdict.REVOKED):
            place = found.line.place if found.line else ""
            word = "is revoked" if found.verdict is Verdict.REVOKED else "differs from the one it is known by"
            raise Refused(f"The key of {name_of(host, port)} {word}.", where=place, hint="Remove that line first.")
        encoded = base64.b64encode(key.blob).decode()
        _append(self.own, f"{name_of(host, port)} {key.kind} {encoded}\n")


def name_of(host: str, port: int) -> str:
    """A host's name in the files."""
    return host.lower() if port == _USUAL_PORT else f"[{host.lower()}]:{port}"


def read(file: Path) -> Iterator[Line]:
    """The lines of a file that can be read; a file that is not there has none. Raises Refused."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror}.", where=str(file), hint="Mend its permissions.") from error
    for number, line in enumerate(text.splitlines(), 1):
        found = _line(line, f"{file}:{number}")
        if found is not None:
            yield found


def _line(text: str, place: str) -> Line | None:
    words = text.split()
    if not words or words[0].startswith("#"):
        return None
    marker = words.pop(0).removeprefix("@") if words[0].startswith("@") else ""
    if marker not in ("", "revoked", "cert-authority") or len(words) < 3:  # noqa: PLR2004 - names, kind, key
        return None
    try:
        blob = base64.b64decode(words[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")
    if kind != words[1]:  # the kind stands inside the key, too; a line that disagrees with itself is no line
        return None
    return Line(marker, tuple(words[0].split(",")), HostKey(kind, blob), place)


def _hashed_fits(pattern: str, name: str) -> bool:
    parts = pattern.split("|")
    try:
        salt, digest = base64.b64decode(parts[2], validate=True), base64.b64decode(parts[3], validate=True)
    except (IndexError, binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.lower().encode(), hashlib.sha1).digest(), digest)


def _version(file: Path) -> tuple[int, int]:
    try:
        facts = file.stat()
    except OSError:
        return (0, 0)
    return (facts.st_mtime_ns, facts.st_size)


def _append(file: Path, line: str) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "r+b") as out:
            size = out.seek(0, os.SEEK_END)
            if size:
                out.seek(size - 1)
                line = line if out.read(1) == b"\n" else f"\n{line}"
            out.write(line.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise RecordUnwritable(f"The key cannot be written down: {error.strerror}.", where=str(file)) from error
