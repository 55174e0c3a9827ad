"""Reads ~/.ssh/config as far as Tminus follows it: where a host is, as whom, with which keys, through what.

Followed: HostName, User, Port, IdentityFile, IdentitiesOnly, IdentityAgent none, ProxyJump, ProxyCommand, HostKeyAlias,
Include, Host, and Match by host, originalhost, user, localuser or all. The first value found wins, as in OpenSSH; only
identity files add up. A Match that would run a command (exec) is never run and never matches. Everything else in the
file is none of our business: ciphers, forwardings, escapes.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.errors import Refused

_LINE = re.compile(r"(\w+)\s*(?:=\s*|\s+)(.*)")
_DEEPEST = 16
_WANTED = frozenset(
    {
        *("hostname", "user", "port", "identityfile", "identitiesonly", "identityagent"),
        *("proxyjump", "proxycommand", "hostkeyalias"),
    }
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says of one host; empty where it says nothing."""

    hostname: str = ""
    user: str = ""
    port: int = 0
    identity_files: tuple[Path, ...] = ()
    identities_only: bool = False
    agent: bool = True
    proxy_jump: str = ""
    proxy_command: str = ""
    host_key_alias: str = ""

    def command_for(self, address: str, port: int, user: str) -> str:
        """The proxy command with its tokens filled in, "" for none. OpenSSH ignores it where ProxyJump came first."""
        if self.proxy_jump or self.proxy_command.lower() in ("", "none"):
            return ""
        return _expanded(self.proxy_command, {"%": "%", "h": address, "p": str(port), "r": user, "n": address})


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines under one Host or Match."""

    applies: Callable[[Mapping[str, str]], bool]
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SshConfig:
    """A file that was read. `home` stands for ~, `user` for the user of this console."""

    blocks: tuple[_Block, ...] = ()
    home: Path = field(default_factory=Path.home)
    user: str = ""

    def of(self, name: str) -> Settings:
        """What it says of a host by the name that was typed. Raises Refused for a port that is none."""
        found: dict[str, str] = {"originalhost": name, "localuser": self.user}
        keys: list[str] = []
        for block in self.blocks:
            if not block.applies({"host": found.get("hostname", name), **found}):
                continue
            for key, value in block.lines:
                if key == "identityfile":
                    keys.append(value)
                else:
                    found.setdefault(key, value)
        return self._settings(name, found, keys)

    def _settings(self, name: str, found: Mapping[str, str], keys: list[str]) -> Settings:
        hostname = _expanded(found.get("hostname", ""), {"%": "%", "h": name})
        port = found.get("port", "0")
        if not port.isdigit():
            raise Refused(f"{port[:20]!r} is no port.", where=f"~/.ssh/config, host {name}", hint="Mend the line.")
        user = found.get("user", "")
        tokens = {"%": "%", "h": hostname or name, "r": user or self.user, "u": self.user, "d": str(self.home)}
        paths = [self._path(_expanded(key, tokens)) for key in keys if key.lower() != "none"]
        return Settings(
            hostname=hostname,
            user=user,
            port=int(port),
            identity_files=tuple(dict.fromkeys(paths)),
            identities_only=found.get("identitiesonly", "no").lower() == "yes",
            agent=found.get("identityagent", "").lower() != "none",
            proxy_jump="" if found.get("proxyjump", "").lower() == "none" else found.get("proxyjump", ""),
            proxy_command=found.get("proxycommand", ""),
            host_key_alias=found.get("hostkeyalias", ""),
        )

    def _path(self, text: str) -> Path:
        if text == "~" or text.startswith("~/"):
            return self.home / text[2:]
        path = Path(text)
        return path if path.is_absolute() else self.home / ".ssh" / path


def read_config(file: Path, home: Path, user: str) -> SshConfig:
    """The file; one that is not there says nothing. Raises Refused for one that cannot be read."""
    return SshConfig(tuple(_blocks(file, home, 0)), home, user)


def _blocks(file: Path, home: Path, depth: int) -> Iterator[_Block]:
    if depth > _DEEPEST:
        raise Refused("The files include one another without end.", where=str(file), hint="Mend the Include lines.")
    applies: Callable[[Mapping[str, str]], bool] = _always
    lines: list[tuple[str, str]] = []
    for key, value in _lines(file):
        if key in ("host", "match"):
            yield _Block(applies, tuple(lines))
            applies, lines = (_by_name(value) if key == "host" else _by_match(value)), []
        elif key == "include":
            yield _Block(applies, tuple(lines))
            lines = []
            for inner in _included(value, home):
                for block in _blocks(inner, home, depth + 1):
                    yield _Block(_both(applies, block.applies), block.lines)
        elif key in _WANTED:
            lines.append((key, value))
    yield _Block(applies, tuple(lines))


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return
    except OSError as error:
        raise Refused(f"It cannot be read: {error.strerror}.", where=str(file), hint="Mend its permissions.") from error
    for line in text.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found and not line.strip().startswith("#"):
            key = found[1].lower()
            value = found[2].strip()
            bare = key in ("proxycommand", "host", "match", "include")
            yield key, value if bare else _unquoted(value)


def _unquoted(value: str) -> str:
    if value.startswith('"'):
        return value[1:].partition('"')[0]
    return value.split(" #", 1)[0].strip()


def _included(value: str, home: Path) -> Iterator[Path]:
    for word in _words(value):
        path = Path(str(home) + word[1:]) if word.startswith("~/") else Path(word)
        whole = path if path.is_absolute() else home / ".ssh" / path
        yield from sorted(Path(whole.anchor).glob(str(whole.relative_to(whole.anchor))))


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError:
        return value.split()


def _always(_facts: Mapping[str, str]) -> bool:
    return True


def _both(
    one: Callable[[Mapping[str, str]], bool], other: Callable[[Mapping[str, str]], bool]
) -> Callable[[Mapping[str, str]], bool]:
    return lambda facts: one(facts) and other(facts)


def _by_name(value: str) -> Callable[[Mapping[str, str]], bool]:
    patterns = _words(value)
    return lambda facts: matches(facts["originalhost"], patterns)


def _by_match(value: str) -> Callable[[Mapping[str, str]], bool]:
    words = iter(_words(value))
    wanted: list[tuple[str, str]] = []
    for word in words:
        criterion, _, argument = word.partition("=")
        if criterion.lower() != "all":
            wanted.append((criterion.lower(), argument or next(words, "")))

    def applies(facts: Mapping[str, str]) -> bool:
        return all(_holds(criterion, argument, facts) for criterion, argument in wanted)

    return applies


def _holds(criterion: str, argument: str, facts: Mapping[str, str]) -> bool:
    negated = criterion.startswith("!")
    name = criterion.removeprefix("!")
    if name not in ("host", "originalhost", "user", "localuser"):
        return False
    return matches(facts.get(name, ""), argument.split(",")) is not negated


def matches(name: str, patterns: list[str]) -> bool:
    """Whether one of the patterns (`*`, `?`) fits and no negated one (`!`) does. Capitals make no difference."""
    found = False
    for pattern in patterns:
        fits = fnmatch.fnmatchcase(name.lower(), pattern.removeprefix("!").lower().replace("[", "[[]"))
        if fits and pattern.startswith("!"):
            return False
        found = found or fits
    return found


def _expanded(text: str, tokens: Mapping[str, str]) -> str:
    return re.sub(r"%(.)", lambda found: tokens.get(found[1], found[0]), text)
