"""The vault file: secrets of a machine without a trusted keyring, encrypted with a passphrase that only people know.

    tminus vault 1                          what it is, and its version
    {"kdf": "scrypt", "n": ..., ...}        cost, salt, nonce, and a check of the key; authenticated with the rest
    AES-256-GCM of {"entry": "value", ...}  the whole content at once, under a new nonce each time
    SHA-256 of all of the above             so that damage is told from a wrong passphrase

The check is keyed, the digest is not: a file whose digest does not hold is damaged; one whose digest holds and whose
check does not was locked with another passphrase; one where both hold and the content does not open was forged.
Nothing plain is ever written: the temporary file that replaces the vault holds the same ciphertext.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.connectors.secrets import SHORTEST, check_length
from app.errors import RecordUnwritable, Refused

_MAGIC = b"tminus vault "
_VERSION = 1
_DIGEST = 32
_KEY = 32
_DEAREST = 1 << 20
TRIES = 3
"""How often a wrong passphrase may be corrected."""


class WrongPassphrase(Refused):
    """The file is whole and the passphrase is another one."""


class VaultDamaged(Refused):
    """The file is not what was written."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess costs. The default takes about half a second and 128 MiB."""

    n: int = 1 << 17
    r: int = 8
    p: int = 1


Passphrase = Callable[[str], str]
"""Asks a person for the passphrase; the argument says which ("passphrase of the vault")."""


@dataclass(frozen=True, slots=True)
class _Keys:
    salt: bytes
    cost: Cost
    content: bytes = field(repr=False)
    check: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The file in its parts, its digest verified."""

    head: bytes
    cost: Cost
    salt: bytes
    nonce: bytes
    check: bytes
    content: bytes


class VaultFile:
    """Entries by name in one encrypted file. The passphrase is asked once, when it is first needed."""

    def __init__(self, file: Path, ask: Passphrase, cost: Cost = Cost()) -> None:
        self.file = file
        self._ask = ask
        self._cost = cost
        self._keys: _Keys | None = None

    def __repr__(self) -> str:
        return f"VaultFile({str(self.file)!r}, {'open' if self._keys else 'locked'})"

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept in it."""
        return self.file.exists()

    def get(self, entry: str) -> str | None:
        """The value, None when there is none. Raises WrongPassphrase, VaultDamaged, AnswerMissing."""
        return self._entries().get(entry) if self.exists else None

    def names(self) -> tuple[str, ...]:
        """What is kept in it."""
        return tuple(sorted(self._entries())) if self.exists else ()

    def set(self, entry: str, value: str) -> None:
        """Keep a value and read it back from the file. Raises Refused for one under eight characters."""
        check_length(entry, value)
        with self._locked():
            entries = dict(self._entries()) if self.exists else self._new()
            self._write(entries | {entry: value})
            if self._entries().get(entry) != value:
                raise VaultDamaged(f"The vault did not keep the entry {entry}.", where=str(self.file))

    def delete(self, entry: str) -> bool:
        """Forget an entry; False when there was none."""
        if not self.exists:
            return False
        with self._locked():
            entries = dict(self._entries())
            if entries.pop(entry, None) is None:
                return False
            self._write(entries)
            return True

    def test(self) -> None:
        """Write, read back and remove a canary."""
        entry, value = f"canary-{secrets.token_hex(8)}", secrets.token_urlsafe(24)
        self.set(entry, value)
        if not self.delete(entry):
            raise VaultDamaged("The vault forgot a test entry right after taking it.", where=str(self.file))

    # ------------------------------------------------------------ opening

    def _entries(self) -> Mapping[str, str]:
        sealed = self._read()
        keys = self._keys
        if keys is None or keys.salt != sealed.salt:  # locked, or somebody made a new vault meanwhile
            keys = self._unlock(sealed)
        try:
            plain = AESGCM(keys.content).decrypt(sealed.nonce, sealed.content, sealed.head)
        except InvalidTag:
            raise self._damaged("its content was changed after it was written") from None
        return {str(name): str(value) for name, value in json.loads(plain).items()}

    def _unlock(self, sealed: _Sealed) -> _Keys:
        for _ in range(TRIES):
            keys = _derive(self._ask("passphrase of the vault"), sealed.salt, sealed.cost)
            if hmac.compare_digest(_check_of(keys), sealed.check):
                self._keys = keys
                return keys
        raise WrongPassphrase(
            "That is not the passphrase of the vault.",
            where=str(self.file),
            hint="Try again. Without the passphrase nobody can open it; `tminus secret set` into a new one then.",
        )

    def _new(self) -> dict[str, str]:
        """Choose the passphrase of a vault that does not exist yet."""
        first = self._ask("new passphrase of the vault")
        if len(first) < SHORTEST:
            raise Refused(f"A passphrase has at least {SHORTEST} characters.", hint="Four random words are good.")
        if self._ask("new passphrase of the vault, again") != first:
            raise Refused("The two passphrases differ; nothing was kept.", hint="Try again.")
        self._keys = _derive(first, secrets.token_bytes(16), self._cost)
        return {}

    def _read(self) -> _Sealed:
        try:
            data = self.file.read_bytes()
        except OSError as error:
            raise Refused(f"The vault cannot be read: {error.strerror}.", where=str(self.file)) from error
        if not data.startswith(_MAGIC):
            raise self._damaged("it does not begin like a vault")
        body, digest = data[:-_DIGEST], data[-_DIGEST:]
        if hashlib.sha256(body).digest() != digest:
            raise self._damaged("its bytes are not those that were written")
        first, _, rest = body.partition(b"\n")
        if first != _MAGIC + str(_VERSION).encode():
            raise Refused(
                "The vault was written by a newer version of Tminus.", where=str(self.file), hint="Use that one."
            )
        header, _, content = rest.partition(b"\n")
        return self._parsed(first + b"\n" + header + b"\n", header, content)

    def _parsed(self, head: bytes, header: bytes, content: bytes) -> _Sealed:
        try:
            tree: dict[str, Any] = json.loads(header)
            cost = Cost(int(tree["n"]), int(tree["r"]), int(tree["p"]))
            salt, nonce, check = (base64.b64decode(tree[name]) for name in ("salt", "nonce", "check"))
        except (ValueError, KeyError, TypeError) as error:
            raise self._damaged("its header cannot be read") from error
        if not 1 < cost.n * cost.r * cost.p <= _DEAREST * 8 or cost.n & (cost.n - 1):
            raise self._damaged("its header asks for a cost that no version writes")
        return _Sealed(head, cost, salt, nonce, check, content)

    def _damaged(self, why: str) -> VaultDamaged:
        return VaultDamaged(
            f"The vault is damaged: {why}.",
            where=str(self.file),
            hint="Put a copy of it back, or move it away and set its secrets anew. The passphrase is not at fault.",
        )

    # ------------------------------------------------------------ writing

    def _write(self, entries: Mapping[str, str]) -> None:
        keys = self._keys
        assert keys is not None
        nonce = secrets.token_bytes(12)
        header = {
            "kdf": "scrypt",
            "n": keys.cost.n,
            "r": keys.cost.r,
            "p": keys.cost.p,
            "salt": _text(keys.salt),
            "nonce": _text(nonce),
            "check": _text(_check_of(keys)),
        }
        head = _MAGIC + str(_VERSION).encode() + b"\n" + json.dumps(header).encode() + b"\n"
        body = head + AESGCM(keys.content).encrypt(nonce, json.dumps(dict(entries)).encode(), head)
        try:
            _replace(self.file, body + hashlib.sha256(body).digest())
        except OSError as error:
            raise RecordUnwritable(f"The vault cannot be written: {error.strerror}.", where=str(self.file)) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Two consoles that keep secrets at one moment do so one after the other."""
        import fcntl  # not on every platform, and needed only to write

        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.file.with_name(f"{self.file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RecordUnwritable(f"The vault cannot be written: {error.strerror}.", where=str(self.file)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _derive(passphrase: str, salt: bytes, cost: Cost) -> _Keys:
    both = Scrypt(salt=salt, length=2 * _KEY, n=cost.n, r=cost.r, p=cost.p).derive(passphrase.encode())
    return _Keys(salt, cost, both[:_KEY], both[_KEY:])


def _check_of(keys: _Keys) -> bytes:
    return hmac.digest(keys.check, b"tminus vault check" + keys.salt, "sha256")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _replace(file: Path, data: bytes) -> None:
    """Whole or not at all, for this user only, and on the disk when it returns."""
    aside = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
