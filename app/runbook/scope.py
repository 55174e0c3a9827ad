"""What references stand for while a run goes on: parameters, names of the file, saved values, modes and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.errors import Refused
from app.ports import SecretText
from app.runbook.inputs import Inputs
from app.runbook.model import Database, Host
from app.runbook.references import Reference
from app.runbook.units import format_duration

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Scope:
    """A Lookup over the inputs of a run.

    items: the `as` names of the eaches around the step, and their item; saved: a step's saved value as text, by step id
    (or address) and name; measured: the time spent in a mode so far; now: the instant of the start, in UTC.
    """

    inputs: Inputs
    items: Mapping[str, str] = field(default_factory=dict)
    saved: Callable[[str, str], str | None] | None = None
    measured: Callable[[str], timedelta | None] | None = None
    now: datetime | None = None

    def __call__(self, reference: Reference, /) -> str | SecretText | None:
        """The value; None when there is none."""
        root, *rest = reference.parts
        if root in self.items:
            return self._item(self.items[root], tuple(rest))
        sections: dict[str, Callable[[tuple[str, ...]], str | SecretText | None]] = {
            "params": self._param,
            "steps": self._step,
            "hosts": self._host,
            "databases": self._database,
            "secrets": self._secret,
            "modes": self._mode,
        }
        if root in sections:
            return sections[root](reference.parts[1:])
        return self._single(root) if not rest else None

    def _single(self, root: str) -> str | None:
        if root == "env":
            return self.inputs.env
        moment = {"t0": self.inputs.t0, "now": self.now}.get(root)
        return moment.strftime(_INSTANT) if moment else None

    def _item(self, name: str, rest: tuple[str, ...]) -> str | None:
        if not rest:
            return name
        of_host = self._host((name, *rest))  # "" is a value: a host without a user of its own has one
        return of_host if of_host is not None else self._database((name, *rest))

    def _param(self, rest: tuple[str, ...]) -> str | None:
        value = self.inputs.params.get(".".join(rest))
        return value.text if value else None

    def _step(self, rest: tuple[str, ...]) -> str | None:
        if len(rest) != 2 or self.saved is None:  # noqa: PLR2004 - a step and a name
            return None
        return self.saved(rest[0], rest[1])

    def _host(self, rest: tuple[str, ...]) -> str | None:
        host = self.inputs.runbook.hosts.get(rest[0]) if len(rest) == 2 else None  # noqa: PLR2004 - name, attribute
        return host_attribute(host, rest[1]) if host else None

    def _database(self, rest: tuple[str, ...]) -> str | None:
        found = self.inputs.runbook.databases.get(rest[0]) if len(rest) == 2 else None  # noqa: PLR2004 - see above
        if found is None:
            return None
        if not is_address(found.url):
            raise Refused(f"The URL of the database `{rest[0]}` cannot be read.", hint=ADDRESS_HINT)
        return database_attribute(found, rest[1])

    def _secret(self, rest: tuple[str, ...]) -> SecretText | None:
        name = ".".join(rest)
        return SecretText(((True, name),)) if name in self.inputs.runbook.secrets else None

    def _mode(self, rest: tuple[str, ...]) -> str | None:
        if len(rest) != 2 or rest[0] not in self.inputs.runbook.modes:  # noqa: PLR2004 - a mode and an attribute
            return None
        name, attribute = rest
        if attribute == "max":
            longest = self.inputs.runbook.modes[name].max
            return format_duration(longest) if longest is not None else None
        spent = self.measured(name) if attribute == "measured" and self.measured else None
        return format_duration(spent) if spent is not None else None


HOST_ATTRIBUTES = ("address", "user", "port")
DATABASE_ATTRIBUTES = ("address", "port", "user", "name")
ADDRESS_HINT = "Write it like postgresql://user@db.internal:5432/shop; brackets stand around an IPv6 address only."


def host_attribute(host: Host, attribute: str) -> str | None:
    """`address`, `user` or `port` of a host as text."""
    values = {"address": host.address, "user": host.user, "port": str(host.port or 22)}
    return values.get(attribute)


def database_attribute(database: Database, attribute: str) -> str | None:
    """`address`, `port`, `user` or `name` of a database as text, from its URL; None when that cannot be read."""
    try:
        url = urlsplit(database.url)
    except ValueError:
        return None
    try:
        port = str(url.port or "")
    except ValueError:
        port = ""
    values = {"address": url.hostname or "", "port": port, "user": url.username or "", "name": url.path.lstrip("/")}
    return values.get(attribute)


def is_address(url: str) -> bool:
    """Whether a URL can be taken apart: a bracket that nothing closes is none of an address."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True
