"""A document as Markdown (CommonMark with tables and task lists). Data cannot become structure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.reports.blocks import Block, Code, Document, Items, Part, Section, Table, Text
from app.reports.printable import printable

_ACTIVE = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_AT_START = re.compile(r"^(\s*)([#+=:-]|\d{1,9}[.)](?=\s|$))")
_DEEPEST = 6


def as_markdown(document: Document) -> str:
    """The whole document, ending in a newline."""
    lines = [f"# {inline(document.title)}", "", inline(document.about), ""]
    for section in document.sections:
        lines += _section(section)
    return "\n".join(lines).rstrip() + "\n"


def inline(text: str) -> str:
    """One line in which no character has a meaning to Markdown or HTML."""
    line = printable(" ".join(text.split()))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = _ACTIVE.sub(lambda found: "\\" + found.group(), line)
    return _AT_START.sub(_defused, line)


def _defused(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark[:-1]}\\{mark[-1]}"


def _section(section: Section) -> Iterator[str]:
    yield f"## {inline(section.title)}"
    yield ""
    for block in section.blocks:
        yield from _block(block, 3)


def _block(block: Block, depth: int) -> Iterator[str]:
    match block:
        case Text():
            yield from _text(block)
        case Code():
            yield from _code(block)
        case Items():
            yield from (f"- {'[ ] ' if block.boxes else ''}{inline(item)}" for item in block.items)
        case Table():
            yield from _table(block)
        case Part():
            yield f"{'#' * min(depth, _DEEPEST)} {inline(block.title)}"
            yield ""
            for inner in block.blocks:
                yield from _block(inner, depth + 1)
            return
    yield ""


def _text(block: Text) -> Iterator[str]:
    lines = [inline(line) for line in block.text.strip().splitlines()]
    for line in lines[:-1]:
        yield f"{line}\\" if line else ""  # a hard break keeps the author's lines apart
    yield from lines[-1:]


def _code(block: Code) -> Iterator[str]:
    text = printable(block.text.replace("\r\n", "\n"), keep_lines=True)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    if block.label:
        yield f"{inline(block.label)}:"
        yield ""
    yield fence
    yield from text.split("\n")
    yield fence


def _table(block: Table) -> Iterator[str]:
    yield "| " + " | ".join(inline(name) for name in block.columns) + " |"
    yield "| " + " | ".join("---" for _ in block.columns) + " |"
    for row in block.rows:
        yield "| " + " | ".join(inline(cell) for cell in row) + " |"
