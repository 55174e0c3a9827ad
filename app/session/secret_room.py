"""The secrets of this machine for both doors: unlocked before a run, set, tried, listed and forgotten; never shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.connectors.clock import SystemClock
from app.connectors.secrets import Sources, Vault, Wanted, fetch
from app.errors import AnswerMissing, TminusError
from app.runbook.inputs import Inputs
from app.session.log_guard import mask_logs
from app.session.secrets_used import secrets_used

if TYPE_CHECKING:
    from app.connectors.keeper import Keeper, Kept

AskSecret = Callable[[str], str]
"""Asks the person at this console for a secret (or the passphrase of the vault) by name; returns its value."""


def secrets_of(inputs: Inputs, ask: AskSecret | None, home: Path) -> Vault:
    """Fetch every secret that the runbook uses in this environment. Blocks; call it outside of any event loop."""
    vault, keeper = unlock(inputs, ask, home)
    if keeper is not None:
        keeper.used(SystemClock())
    return vault


def each_unlocked(
    inputs: Inputs, ask: AskSecret | None, home: Path, only: frozenset[str] | None = None
) -> tuple[Vault, dict[str, tuple[bool, str]]]:
    """Every secret that can be had; and by name whether it was, with where from or why not. Notes no use.

    only: the names that are needed now, None for all.
    """
    wanted = tuple(one for one in _wanted(inputs) if only is None or one.name in only)
    if not wanted:
        return Vault({}), {}
    keeper = keeper_at(home, ask)
    sources = _sources(ask, keeper)
    values: dict[str, str] = {}
    told: dict[str, tuple[bool, str]] = {}
    for secret in wanted:
        try:
            values |= asyncio.run(fetch((secret,), sources)).plain_values()
        except TminusError as trouble:
            told[secret.name] = (False, str(trouble))
        else:
            told[secret.name] = (True, _origin(secret, keeper))
    mask_logs(values.values())
    return Vault(values), told


def _origin(secret: Wanted, keeper: Keeper) -> str:
    from app.connectors.keeper import WORDS

    if secret.source == "keyring":
        return f"{secret.entry} from {WORDS[keeper.found[secret.entry]]}"
    return f"from the variable {secret.entry}" if secret.source == "env" else "typed in for this session only"


def unlock(inputs: Inputs, ask: AskSecret | None, home: Path) -> tuple[Vault, Keeper | None]:
    """The same, and who knows where each was found (None when no secret comes from the keyring); notes no use."""
    wanted = _wanted(inputs)
    if not wanted:
        return Vault({}), None
    keeper = keeper_at(home, ask) if any(secret.source == "keyring" for secret in wanted) else None
    vault = asyncio.run(fetch(wanted, _sources(ask, keeper)))
    mask_logs(vault.plain_values().values())
    return vault, keeper


def _wanted(inputs: Inputs) -> tuple[Wanted, ...]:
    """Those that something asks for: nobody is troubled for a secret of another environment."""
    used = secrets_used(inputs.runbook)
    return tuple(
        Wanted(name, secret.from_, secret.name or name)
        for name, secret in inputs.runbook.secrets.items()
        if name in used
    )


def keeper_at(home: Path, ask: AskSecret | None) -> Keeper:
    """Where secrets are kept on this machine: keyring, vault file, or this session when `ask` can be asked."""
    from app.connectors.keeper import Keeper  # with the two below 60 ms, and only when a secret is to be kept or found
    from app.connectors.keyring import Keyring
    from app.connectors.vault import VaultFile

    return Keeper(home, Keyring(), VaultFile(home / "secrets.vault", _passphrase(ask)), ask)


def _passphrase(ask: AskSecret | None) -> AskSecret:
    """From TMINUS_VAULT_PASSPHRASE, which no command inherits, else from a person."""

    def passphrase(which: str) -> str:
        given = os.environ.get("TMINUS_VAULT_PASSPHRASE", "")
        if given:
            return given
        try:
            if ask is not None:
                return ask(which)
        except AnswerMissing:
            pass  # said below, with the way out that fits
        hint = "Unlock it at a terminal, or give it to this console in TMINUS_VAULT_PASSPHRASE."
        raise AnswerMissing(f"The {which} is needed, and nobody is there.", hint=hint)

    return passphrase


def _sources(ask: AskSecret | None, keeper: Keeper | None) -> Sources:
    asking = None
    if ask is not None:
        person = ask

        async def asking(name: str) -> str:
            return person(name)

    return Sources(os.environ, asking, keeper.get if keeper is not None else None)


class SecretRoom:
    """What `tminus secret` and the Connections screen do. Every call blocks; `ask` is asked at most once per vault.

    All raise Refused (nowhere to be found, too short, wrong passphrase, damaged), AnswerMissing, TargetUnreachable
    (a keyring that hangs), RecordUnwritable. The sentences they give never hold a value.
    """

    def __init__(self, home: Path, ask: AskSecret | None) -> None:
        self._keeper = keeper_at(home, ask)

    def set(self, name: str, value: str) -> str:
        """Keep it in the keyring, else in the vault file; says where."""
        return asyncio.run(self._keeper.set(name, value, SystemClock().now()))

    def test(self, name: str) -> str:
        """Whether it is there and its place keeps what it is given; says where."""
        return asyncio.run(self._keeper.test(name))

    def forget(self, name: str) -> str:
        """Remove it everywhere; says from where."""
        return asyncio.run(self._keeper.forget(name))

    def kept(self) -> tuple[Kept, ...]:
        """Names, where each is kept, when it was set and last used. Unlocks nothing."""
        return self._keeper.kept()
