"""A document as values: sections of text, tables, code and checklists, which markdown, html and json then write.

All text in them is data, never markup: whoever writes a document escapes every word of it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; line breaks in it are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Exactly this text, never interpreted. `label` says what it is."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list; with `boxes` one that is ticked off."""

    items: tuple[str, ...]
    boxes: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A titled piece of a section."""

    title: str
    blocks: tuple[Block, ...]


Block = Text | Code | Items | Table | Part


@dataclass(frozen=True, slots=True)
class Section:
    """`id` is stable and made by Tminus, for links and programs."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole of it. `about` is one line below the title."""

    title: str
    about: str
    sections: tuple[Section, ...]


def nothing_said(what: str) -> Text:
    """Stands where the runbook is silent, so that the silence is seen."""
    return Text(f"The runbook says nothing about {what}.")
