"""Logs in over an encrypted connection: the agent first, then key files, then a password if the runbook names one.

A key file with a passphrase is opened with the secret that the host names; without one it is left out, and said so. A
passphrase is never sent to a server. With IdentitiesOnly (or a `key` of the runbook) the agent signs only for keys
whose file is named, so that a full agent does not use up the server's patience. Blocks; called on a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm

from app.connectors.ssh_route import Route
from app.connectors.ssh_trust import HostKey
from app.connectors.ssh_words import login_refused, more_wanted
from app.errors import Refused
from app.ports import Secrets, SecretText

_MOST_KEYS = 5
"""OpenSSH ends the connection after six failed tries; one is left for the password."""

_FEW_TRIES = 3


@dataclass(slots=True)
class Entrance:
    """One attempt to log in. `tried` and `notes` end up in the sentence when nothing helps."""

    transport: Any
    route: Route
    secrets: Secrets
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def enter(self) -> None:
        """Log in. Raises Refused with all that was tried; OSError, EOFError or SSHException for a broken link."""
        for name, key in self._keys():
            if len(self.tried) >= _MOST_KEYS:
                self.notes.append("More keys were left out; name one with `key`.")
                break
            self.tried.append(name)
            if self._with_key(key):
                return
        if self.route.login.password and self._with_password():
            return
        raise login_refused(self.route, tuple(self.tried), tuple(self.notes))

    def _with_key(self, key: paramiko.PKey) -> bool:
        try:
            wanted = self.transport.auth_publickey(self.route.login.user, key)
        except paramiko.BadAuthenticationType as other:
            self.notes.append(f"The server takes {', '.join(other.allowed_types)} only.")
            return False
        except paramiko.AuthenticationException as refused:
            if not self.transport.is_active():
                raise self._hung_up() from refused
            return False
        return not wanted or self._second(tuple(wanted))

    def _hung_up(self) -> Exception:
        """A server hangs up after too many tries; before that, it is the line that broke."""
        if len(self.tried) >= _FEW_TRIES:
            return login_refused(self.route, tuple(self.tried), ("The server then hung up.",))
        return EOFError("the connection was closed")

    def _second(self, wanted: tuple[str, ...]) -> bool:
        if self.route.login.password and {"password", "keyboard-interactive"} & set(wanted) and self._with_password():
            return True
        raise more_wanted(self.route, ", ".join(wanted))

    def _with_password(self) -> bool:
        self.tried.append(f"the password {self.route.login.password}")
        password = self._secret(self.route.login.password)
        try:
            wanted = self.transport.auth_password(self.route.login.user, password)
        except paramiko.BadAuthenticationType as other:
            self.notes.append(f"The server takes {', '.join(other.allowed_types)} only.")
            return False
        except paramiko.AuthenticationException:
            if not self.transport.is_active():
                raise self._hung_up() from None
            return False
        if wanted:
            raise more_wanted(self.route, ", ".join(wanted))
        return True

    def _keys(self) -> Iterator[tuple[str, paramiko.PKey]]:
        """Keys in the order in which they are tried, each with the words for it."""
        login = self.route.login
        named = {blob for file in login.keys for blob in _public_blobs(file)}
        seen: set[bytes] = set()
        if login.agent:
            with closing(_Agent()) as agent:
                for key in agent.keys:
                    if not login.only or key.asbytes() in named:
                        seen.add(key.asbytes())
                        yield f"{_called(key)} of the agent", key
        for file in login.keys:
            loaded = self._load(file)
            if loaded is not None and loaded.asbytes() not in seen:
                yield f"{file}", loaded

    def _load(self, file: Path) -> paramiko.PKey | None:
        if not file.is_file():
            if self.route.login.only:
                self.notes.append(f"{file} is not there.")
            return None
        try:
            return paramiko.PKey.from_path(file, None)
        except (TypeError, paramiko.PasswordRequiredException):
            return self._unlock(file)
        except (ValueError, OSError, paramiko.SSHException, UnsupportedAlgorithm) as error:
            self.notes.append(f"{file} cannot be read as a key ({type(error).__name__}).")
        return None

    def _unlock(self, file: Path) -> paramiko.PKey | None:
        name = self.route.login.passphrase
        if not name:
            self.notes.append(f"{file} has a passphrase, and the host names none; or add it to your agent.")
            return None
        try:
            return paramiko.PKey.from_path(file, self._secret(name).encode())
        except (ValueError, TypeError, paramiko.SSHException, UnsupportedAlgorithm):
            self.notes.append(f"The secret {name} does not open {file}.")
        return None

    def _secret(self, name: str) -> str:
        return self.secrets.reveal(SecretText(((True, name),)))


class _Agent:
    """The agent of this session, if there is one that answers."""

    def __init__(self) -> None:
        self._agent = None
        try:
            self._agent = paramiko.Agent()
            self.keys = tuple(self._agent.get_keys())
        except (paramiko.SSHException, OSError):  # an agent that died: the key files may still do
            self.keys = ()

    def close(self) -> None:
        """Let go of its socket."""
        if self._agent is not None:
            self._agent.close()


def _public_blobs(file: Path) -> Iterator[bytes]:
    """The public half beside a key file, readable without its passphrase."""
    public = file.with_name(f"{file.name}.pub")
    try:
        words = public.read_text(encoding="utf-8").split()
        yield paramiko.PublicBlob.from_string(" ".join(words[:2])).key_blob
    except (OSError, ValueError, IndexError):
        return


def _called(key: paramiko.PKey) -> str:
    fingerprint = HostKey(key.get_name(), key.asbytes()).fingerprint
    return f"{key.get_name()} {fingerprint[:14]}..."


def no_secrets() -> Secrets:
    """For a connection that asks for none: every name is refused."""
    return _NoSecrets()


class _NoSecrets:
    def reveal(self, text: str | SecretText) -> str:
        if isinstance(text, str):
            return text
        raise Refused("There are no secrets here.")
