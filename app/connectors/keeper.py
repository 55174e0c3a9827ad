"""Where secrets are kept on this machine: the desktop's keyring, else the vault file, else in this session only.

Beside them stands `<home>/secrets.json`: names, where each is kept, when it was set and last used. Never a value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from app.connectors.secrets import check_length
from app.connectors.vault import VaultFile
from app.errors import AnswerMissing, RecordUnwritable, Refused, TargetUnreachable
from app.ports import Clock

Place = Literal["keyring", "vault", "session"]
WORDS: dict[Place, str] = {
    "keyring": "the desktop's keyring",
    "vault": "the vault file",
    "session": "this session only, typed in",
}


class Ring(Protocol):
    """The desktop's keyring (see app/connectors/keyring.py). Every call may raise Refused or TargetUnreachable."""

    async def test(self) -> str:
        """Write, read and delete a canary; the backend's name."""

    async def find(self, entry: str) -> str | None:
        """The value, None when there is none."""

    async def set(self, entry: str, value: str) -> None:
        """Store a value and read it back."""

    async def delete(self, entry: str) -> bool:
        """Forget it; False when there was none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the list. `where` keyring or vault; `set` and `used` ISO UTC, "" for never."""

    name: str
    where: str
    set: str = ""
    used: str = ""


class Keeper:
    """Finds, keeps and forgets secrets. Use it in one loop; asking a person blocks it."""

    def __init__(
        self, home: Path, ring: Ring | None, vault: VaultFile, ask: Callable[[str], str] | None = None
    ) -> None:
        """`ring` None: this machine has none. `ask` None: nobody is there to type a secret in."""
        self._book = home / "secrets.json"
        self._ring, self._vault, self._ask = ring, vault, ask
        self._no_ring = "" if ring is not None else "there is none on this machine"
        self.found: dict[str, Place] = {}

    async def get(self, entry: str) -> str:
        """The value, from the first place that has it; `found` then says which. Raises Refused, AnswerMissing."""
        value = await self._from_ring(entry)
        if value:
            return self._from("keyring", entry, value)
        value = self._vault.get(entry)
        if value:
            return self._from("vault", entry, value)
        if self._ask is None:
            raise Refused(self._nowhere(entry), hint=f"Run `tminus secret set {entry}`.")
        try:
            value = self._ask(entry)
        except AnswerMissing as nobody:
            raise AnswerMissing(
                f"{self._nowhere(entry)} Nobody is there to type it in.", hint=f"Run `tminus secret set {entry}`."
            ) from nobody
        check_length(entry, value)
        return self._from("session", entry, value)

    async def set(self, entry: str, value: str, now: datetime) -> str:
        """Keep a value in the best place there is; what to tell the operator about it."""
        check_length(entry, value)
        place: Place = "keyring" if await self._ring_works() else "vault"
        if place == "keyring":
            assert self._ring is not None
            await self._ring.set(entry, value)
            self._vault_forgets(entry)
        else:
            self._vault.set(entry, value)
        self._note({entry: Kept(entry, place, now.isoformat(timespec="seconds"))})
        return f"{entry} is kept in {self._told(place)}."

    async def test(self, entry: str) -> str:
        """Try the place with a canary, then look for the entry; what to tell. Raises Refused when it is nowhere."""
        if await self._ring_works() and await self._from_ring(entry):
            return f"{entry} is in {self._told('keyring')}; a test entry was written, read back and removed."
        if self._vault.get(entry):
            self._vault.test()
            return f"{entry} is in {self._told('vault')}; a test entry was written, read back and removed."
        raise Refused(self._nowhere(entry), hint=f"Run `tminus secret set {entry}`.")

    async def forget(self, entry: str) -> str:
        """Remove it everywhere; what to tell. Raises Refused when it was nowhere."""
        gone: list[Place] = []
        if self._ring is not None and await self._ring_works() and await self._ring.delete(entry):
            gone.append("keyring")
        if self._vault.delete(entry):
            gone.append("vault")
        self._note({entry: None})
        if not gone:
            raise Refused(self._nowhere(entry), hint="`tminus secret list` shows what is kept.")
        return f"{entry} is forgotten: it was in {' and in '.join(WORDS[place] for place in gone)}."

    def kept(self) -> tuple[Kept, ...]:
        """What was set on this machine, by name. Asks for no passphrase. Raises Refused for a damaged list."""
        try:
            tree = json.loads(self._book.read_text(encoding="utf-8"))
            found = [Kept(**one) for one in tree["secrets"]]
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise Refused(
                f"The list of secrets cannot be read: {type(error).__name__}.",
                where=str(self._book),
                hint="Mend it or remove it; no value is lost with it.",
            ) from error
        return tuple(sorted(found, key=lambda one: one.name))

    def used(self, clock: Clock) -> None:
        """Note for what was found in a kept place that it was used just now."""
        now = clock.now().isoformat(timespec="seconds")
        known = {one.name: one for one in self.kept()}
        places = {entry: place for entry, place in self.found.items() if place != "session"}
        if places:
            self._note({e: replace(known.get(e, Kept(e, place)), where=place, used=now) for e, place in places.items()})

    # ------------------------------------------------------------ places

    async def _from_ring(self, entry: str) -> str | None:
        if self._ring is None or self._no_ring:
            return None
        try:
            return await self._ring.find(entry)
        except (Refused, TargetUnreachable) as trouble:
            self._no_ring = str(trouble)
            return None

    async def _ring_works(self) -> bool:
        if self._ring is None or self._no_ring:
            return False
        try:
            await self._ring.test()
        except (Refused, TargetUnreachable) as trouble:
            self._no_ring = str(trouble)
            return False
        return True

    def _vault_forgets(self, entry: str) -> None:
        """A value of yesterday must not turn up when the keyring is away."""
        if any(one.name == entry and one.where == "vault" for one in self.kept()):
            self._vault.delete(entry)

    def _from(self, place: Place, entry: str, value: str) -> str:
        self.found[entry] = place
        return value

    def _told(self, place: Place) -> str:
        if place == "keyring":
            return WORDS[place]
        return f"{WORDS[place]} {self._vault.file}, as the desktop's keyring is of no use ({self._no_ring.rstrip('.')})"

    def _nowhere(self, entry: str) -> str:
        ring = f"the desktop's keyring ({self._no_ring.rstrip('.')})" if self._no_ring else WORDS["keyring"]
        vault = "the vault file" if self._vault.exists else "a vault file (there is none)"
        return f"The secret {entry} is kept neither in {ring} nor in {vault}."

    def _note(self, changes: dict[str, Kept | None]) -> None:
        entries: dict[str, Kept | None] = {one.name: one for one in self.kept()}
        entries |= changes
        _write(self._book, (one for one in entries.values() if one is not None))


def _write(file: Path, entries: Iterable[Kept]) -> None:
    text = json.dumps({"version": 1, "secrets": [asdict(one) for one in entries]}, indent=2)
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        aside.replace(file)
    except OSError as error:
        raise RecordUnwritable(f"The list of secrets cannot be written: {error.strerror}.", where=str(file)) from error
