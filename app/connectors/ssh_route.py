"""How a host is reached: its address, the name of its key, who logs in with what, and the hosts on the way to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.connectors.ssh_config import Settings, SshConfig
from app.errors import Refused

_DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}\$?\Z")
_SHELL_WORD = re.compile(r"[A-Za-z0-9_./+-]+\Z")
_LONGEST_WAY = 8


@dataclass(frozen=True, slots=True)
class Login:
    """As whom, and with what. `passphrase` and `password` are names of secrets, "" for none.

    keys: identity files in the order they are tried; only: nothing of the agent but these keys.
    """

    user: str
    keys: tuple[Path, ...] = ()
    only: bool = False
    agent: bool = True
    passphrase: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A host on the network. `name` is for people, `known_as` is its name in known_hosts; `via` the host before it."""

    name: str
    address: str
    port: int
    login: Login
    known_as: str
    via: Route | None = None
    proxy_command: str = ""
    shell: tuple[str, ...] = ("/bin/sh",)

    @property
    def spot(self) -> str:
        """The address and port as one writes them."""
        return spot(self.address, self.port)


@dataclass(frozen=True, slots=True)
class Declared:
    """A host as a runbook declares it, references filled in. Empty means: as ~/.ssh/config says, or the usual."""

    address: str
    user: str = ""
    port: int = 0
    via: str = ""
    shell: str = ""
    key: str = ""
    passphrase: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Atlas:
    """Every declared host by name, ~/.ssh/config, the user of this console, and the folder of their keys."""

    declared: Mapping[str, Declared]
    config: SshConfig
    user: str
    keys: Path

    def route(self, name: str) -> Route:
        """The way to a declared host. Raises Refused for one that is unknown or leads in a circle."""
        return self._declared(name, ())

    def route_to(self, target: str, via: str = "") -> Route:
        """The way to `[user@]address[:port]` or a name of ~/.ssh/config. Raises Refused."""
        user, address, port = parse_target(target)
        return self._route(target, Declared(address, user, port, via), ())

    def _declared(self, name: str, behind: tuple[str, ...]) -> Route:
        if name not in self.declared:
            raise Refused(f"There is no host called {name[:60]}.", hint="Declare it under `hosts` in the runbook.")
        return self._route(name, self.declared[name], (*behind, name))

    def _route(self, name: str, declared: Declared, behind: tuple[str, ...]) -> Route:
        if len(set(behind)) < len(behind) or len(behind) > _LONGEST_WAY:
            raise Refused(f"The way to {behind[0]} leads in a circle: {' via '.join(behind)}.", hint="Mend `via`.")
        found = self.config.of(declared.address)
        address, port = found.hostname or declared.address, declared.port or found.port or 22
        user = declared.user or found.user or self.user
        proxy_command = "" if declared.via else found.command_for(address, port, user)
        return Route(
            name=name,
            address=address,
            port=port,
            login=self._login(user, declared, found),
            known_as=found.host_key_alias or address,
            via=self._before(declared, found, behind or (name,)),
            proxy_command=proxy_command,
            shell=_shell(declared.shell, name),
        )

    def _before(self, declared: Declared, found: Settings, behind: tuple[str, ...]) -> Route | None:
        if declared.via in self.declared:
            return self._declared(declared.via, behind)
        jumps = declared.via or found.proxy_jump
        if not jumps or jumps.lower() == "none":
            return None
        before, _, last = jumps.rpartition(",")
        user, address, port = parse_target(last.strip())
        return self._route(last.strip(), Declared(address, user, port, before), (*behind, last.strip()))

    def _login(self, user: str, declared: Declared, found: Settings) -> Login:
        if not is_user(user):
            raise Refused(f"{user[:60]!r} is no user name.", hint="Mend the host's `user`.")
        if declared.key:
            keys: tuple[Path, ...] = (Path(declared.key).expanduser(),)
        else:
            keys = found.identity_files or tuple(self.keys / name for name in _DEFAULT_KEYS)
        return Login(
            user,
            keys,
            only=bool(declared.key) or found.identities_only,
            agent=found.agent,
            passphrase=declared.passphrase,
            password=declared.password,
        )


def spot(address: str, port: int) -> str:
    """An address and port as one writes them, the port only when it is not 22."""
    if port == 22:  # noqa: PLR2004 - the port of SSH
        return address
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def parse_target(text: str) -> tuple[str, str, int]:
    """(user, address, port) of `[user@]address[:port]`, `[v6]:port` or `ssh://...`; "" and 0 where nothing is said."""
    rest = text.removeprefix("ssh://").rstrip("/")
    user, _, rest = rest.rpartition("@") if "@" in rest else ("", "", rest)
    if rest.startswith("["):
        address, _, tail = rest[1:].partition("]")
        port = tail.removeprefix(":")
    elif rest.count(":") == 1:
        address, _, port = rest.partition(":")
    else:
        address, port = rest, ""
    if not address or address.startswith("-") or not address.isprintable() or " " in address:
        raise Refused(f"{text[:60]!r} is no address of a host.", hint="Write address, address:port or user@address.")
    if port and not (port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004 - ports end there
        raise Refused(f"{port[:20]!r} is no port.", where=text[:60], hint="A port is a number from 1 to 65535.")
    return user, address, int(port or 0)


def is_user(text: str) -> bool:
    """Whether it can be the name of an account, and nothing that a shell would act upon."""
    return bool(_USER.match(text))


def _shell(words: str, name: str) -> tuple[str, ...]:
    shell = tuple(words.split()) or ("/bin/sh",)
    if not all(_SHELL_WORD.match(word) for word in shell):
        raise Refused(f"{words[:60]!r} is no shell.", where=f"host {name}", hint="Write a path such as /bin/sh.")
    return shell
