"""A connection as it is shown: one row of its table, and everything about it beside the tables. Nothing here waits."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.session.connection_lines import Connection, Tested
from ui import words
from ui.glyphs import Glyph, tone_of
from ui.models.cells import CellRow
from ui.models.exact import side_of
from ui.tokens import Tone
from ui.widgets.cell_table import CellView
from ui.widgets.check_row import CheckView
from ui.widgets.chip import ChipView
from ui.widgets.side_chip import Side, SideView

COLUMNS = {
    "database": ("database", "address", "who answers", "tested", "last used", "used by"),
    "host": ("host", "address", "host key", "tested", "last used", "used by"),
    "secret": ("secret", "kept in", "set", "tested", "last used", "used by"),
}
_TYPED = 4
"""So many characters at the end of an unknown key are typed by whoever trusts it, and shown nowhere."""

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_PRODUCTS = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite"}
_ID = re.compile(r"\b(cluster|server|server uuid|uid|file|inode|id) (\S+)")


@dataclass(frozen=True, slots=True)
class Status:
    """How a connection stands: shape, word, and what follows the word."""

    glyph: Glyph
    word: str
    tail: str = ""

    @property
    def text(self) -> str:
        """Word and tail in one line."""
        return f"{self.word}, {self.tail}" if self.tail else self.word


@dataclass(frozen=True, slots=True)
class Detail:
    """All that is shown of one connection.

    print_title and print: a fingerprint, "" for none; print_copied: what goes onto the clipboard of it; facts: names,
    values. may_trust: a person may be asked about its key; stop: its key is not the one it is known by; may_test,
    may_set and may_forget: which buttons there are.
    """

    key: str
    side: SideView
    chip: ChipView
    sentence: str
    print_title: str
    print: str
    print_copied: str
    facts: tuple[CheckView, ...]
    used_by: tuple[str, ...]
    may_trust: bool = False
    stop: bool = False
    may_test: bool = True
    may_set: bool = False
    may_forget: bool = False


def status_of(line: Connection, now: datetime, testing: Collection[str]) -> Status:
    """Shape and words, with the age of what is known."""
    if line.key in testing:
        return Status(Glyph.RUNNING, "testing\u2026")
    if line.trouble:
        return Status(Glyph.WARNING, "not told yet")
    test = line.tested
    if test is None:
        return Status(Glyph.WAITING, "asked at the start" if line.source == "prompt" else "never tested")
    age = words.ago(now - test.at)
    if test.word == "ok":
        took = f", {_took(test)}" if line.kind != "secret" and not test.expired(now) else ""
        return Status(Glyph.WARNING, "old", age) if test.expired(now) else Status(Glyph.DONE, "ok", f"{age}{took}")
    glyph, word = {
        "warning": (Glyph.WARNING, "look at it"),
        "refused": (Glyph.FAILED, "refused"),
        "away": (Glyph.UNKNOWN, "no answer"),
        "stranger": (Glyph.DECISION, "needs you"),
        "changed": (Glyph.FAILED, "wrong key"),
        "asked": (Glyph.WAITING, "asked at the start"),
    }[test.word]
    return Status(glyph, word, "" if test.word == "asked" else age)


def row_of(line: Connection, now: datetime, testing: Collection[str]) -> CellRow:
    """One row."""
    status = status_of(line, now, testing)
    loud = status.glyph in {Glyph.FAILED, Glyph.WARNING, Glyph.UNKNOWN, Glyph.DECISION}
    side = side_of(line.name) if line.kind == "database" else Side.PLAIN
    used = words.ago(now - line.used) if line.used is not None else "never"
    cells = (
        CellView(line.name, strong=True, side=side),
        *_middle(line, now),
        CellView(status.text, glyph=status.glyph, tone=tone_of(status.glyph) if loud else Tone.TEXT),
        CellView(used, tone=Tone.MUTED),
        CellView(_users(line), tone=Tone.MUTED),
    )
    return CellRow(line.key, cells)


def detail_of(line: Connection, now: datetime, testing: Collection[str]) -> Detail:
    """Everything beside the tables."""
    status = status_of(line, now, testing)
    test = line.tested
    stop = test is not None and test.word == "changed"
    verified = line.kind == "host" and test is not None and test.word == "ok" and not test.expired(now)
    side = side_of(line.name) if line.kind == "database" else Side.PLAIN
    short = short_print(line.known[0]) if line.kind == "host" and line.known[0] else ""
    title, shown, copied = _print(line)
    busy = line.key in testing
    return Detail(
        line.key,
        SideView(line.name, side, short, verified),
        ChipView(status.word, status.glyph, status.tail),
        _sentence(line, now),
        title,
        shown,
        copied,
        _facts(line, now),
        line.used_by,
        may_trust=_may_trust(line) and not busy,
        stop=stop,
        may_test=not busy and line.source != "prompt" and not line.scope and not line.trouble,
        may_set=line.source == "keyring" and not busy,
        may_forget=line.source == "keyring" and bool(line.kept) and not busy,
    )


def short_print(fingerprint: str) -> str:
    """`SHA256:mJ8k\u2026q4T`: enough to tell two keys apart at a glance, never enough to trust one."""
    head, _, rest = fingerprint.partition(":")
    return f"{head}:{rest[:4]}\u2026{rest[-3:]}" if len(rest) > 8 else fingerprint


def groups_of(fingerprint: str) -> tuple[str, ...]:
    """The fingerprint without its `SHA256:`, in groups of four as one reads them out."""
    rest = fingerprint.partition(":")[2] or fingerprint
    return tuple(rest[start : start + 4] for start in range(0, len(rest), 4))


# ---------------------------------------------------------------- cells


def _middle(line: Connection, now: datetime) -> tuple[CellView, CellView]:
    return _kept(line, now) if line.kind == "secret" else _where(line)


def _kept(line: Connection, now: datetime) -> tuple[CellView, CellView]:
    kept = CellView(line.kept or "nowhere", tone=Tone.TEXT if line.kept else Tone.WARN)
    if line.source != "keyring":
        return kept, CellView("not kept here", tone=Tone.MUTED)
    if not line.kept:
        return kept, CellView("not set", tone=Tone.WARN)
    return kept, CellView(words.ago(now - line.set) if line.set else "not noted", tone=Tone.MUTED)


def _where(line: Connection) -> tuple[CellView, CellView]:
    address = f"{line.user}@{line.address}" if line.kind == "host" and line.user else line.address
    where = CellView(address or "not told yet", exact=bool(address), tone=Tone.TEXT if address else Tone.WARN)
    if line.kind == "host":
        if line.tested is not None and line.tested.word == "changed":
            return where, CellView(short_print(line.tested.shown), exact=True, tone=Tone.BAD)
        known = line.known[0]
        if not known:
            return where, CellView("not known yet", tone=Tone.WARN)
        return where, CellView(short_print(known), exact=True, tone=Tone.MUTED)
    return where, _identity(line)


def _identity(line: Connection) -> CellView:
    name = _PRODUCTS.get(line.product, line.product)
    found = _ID.search(line.tested.identity) if line.tested is not None else None
    if line.tested is None or found is None:
        return CellView(name, tone=Tone.MUTED)
    return CellView(f"{found.group(1)} \u2026{found.group(2)[-6:]}", exact=True, tone=Tone.MUTED)


def _users(line: Connection) -> str:
    if not line.used_by:
        return "nothing"
    return line.used_by[0] if len(line.used_by) == 1 else words.plural(len(line.used_by), "place")


def _took(test: Tested) -> str:
    seconds = test.took.total_seconds()
    return f"{round(seconds * 1000)} ms" if seconds < 1 else f"{seconds:.1f} s"


# ---------------------------------------------------------------- beside the tables


def _sentence(line: Connection, now: datetime) -> str:
    if line.trouble:
        return f"{line.trouble} Give it when a run is started."
    return _told(line, line.tested, now) if line.tested is not None else _untested(line)


def _told(line: Connection, test: Tested, now: datetime) -> str:
    if test.word == "stranger":
        return f"This machine does not know the key of {line.name} yet. Compare it with its owner's, then trust it."
    said = _FINGERPRINT.sub(lambda found: short_print(found.group()), test.detail)
    if line.scope:
        return f"{said} Open its runbook to test it again."
    old = test.expired(now) and test.word != "asked"
    return f"{said} That was too long ago to rely on. Test it again." if old else said


def _untested(line: Connection) -> str:
    if line.kind == "host":
        known = (
            "Its key is known; nobody logged in yet." if line.known[0] else "This machine does not know its key yet."
        )
        return f"{known} Nothing is trusted by a test."
    if line.kind == "database":
        return "Nobody logged in yet. A test logs in, reads who answers, and changes nothing."
    if line.source == "keyring":
        return "A test writes, reads back and removes an entry beside it; the value is never shown."
    return (
        "It is typed in before each run, and kept in memory only." if line.source == "prompt" else "Not looked for yet."
    )


def _may_trust(line: Connection) -> bool:
    """A key that changed is never asked about; one that is known already needs no asking."""
    test = line.tested
    if line.kind != "host" or line.trouble or line.scope or (test is not None and test.word == "changed"):
        return False
    return not line.known[0] or (test is not None and test.word == "stranger")


def _print(line: Connection) -> tuple[str, str, str]:
    """What it is, how it is shown, what is copied. The end of a stranger's key is nobody's to read here."""
    test = line.tested
    if line.kind == "database":
        return ("Who answers", test.identity, test.identity) if test is not None and test.identity else ("", "", "")
    if line.kind == "host" and test is not None and test.shown and test.word == "stranger":
        return "Key that it showed, but for its end", f"{_spaced(test.shown[:-_TYPED])} \u2022\u2022\u2022\u2022", ""
    if line.kind == "host" and test is not None and test.shown and test.word == "changed":
        known = f"\n\nKnown by\n{_spaced(line.known[0])}" if line.known[0] else ""
        return "Key that it showed", f"{_spaced(test.shown)}{known}", test.shown
    if line.kind == "host" and line.known[0]:
        return "Key that it is known by", _spaced(line.known[0]), line.known[0]
    return "", "", ""


def _spaced(fingerprint: str) -> str:
    return " ".join(groups_of(fingerprint))


def _facts(line: Connection, now: datetime) -> tuple[CheckView, ...]:
    test, pairs = line.tested, []
    if line.kind == "secret":
        pairs += [("Kept in", line.kept or "nowhere")]
        pairs += [("Entry", line.entry)] if line.source == "keyring" else []
        pairs += [("Set", words.ago(now - line.set) if line.set else "not here")] if line.source == "keyring" else []
    else:
        pairs += [("Address", line.address or "not told yet"), ("Logs in as", line.user or "nobody named")]
        pairs += [("Reached through", line.via)] if line.via else []
        pairs += [("Secrets", ", ".join(line.secrets))] if line.secrets else []
    if line.kind == "host" and test is not None and _FINGERPRINT.search(test.identity):
        pairs.append(("Machine", _FINGERPRINT.split(test.identity)[-1].strip() or "not told"))
    if line.known[1]:
        pairs.append(("Known from", _tail(line.known[1])))
    if test is not None and test.word != "asked" and not line.trouble:
        pairs.append(("Last tested", words.joined(words.ago(now - test.at), _took(test) if test.took else "")))
        left = test.expires - now
        pairs.append(("Good for", words.duration(left) if not test.expired(now) else "no longer"))
    pairs.append(("Last used", words.ago(now - line.used) if line.used is not None else "never"))
    return tuple(CheckView(name, None, value) for name, value in pairs)


def _tail(place: str) -> str:
    """The end of a path is what tells files apart."""
    return place if len(place) <= 44 else f"\u2026{place[-43:]}"
