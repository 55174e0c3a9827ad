"""Reads YAML strictly: plain values and the place of each, or every problem that the text has.

Built on the events of libyaml's parser. Plain scalars are resolved here by the YAML 1.2 core schema. Refused: aliases,
anchors, tags, merge keys, further documents, duplicate or non-text keys, control and direction characters, and text
that YAML 1.1 would have read as something else (on, yes, 22:00). Work and memory are bounded by the limits below.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import yaml

from app.errors import Place, Problem
from app.runbook.part import Raw
from app.runbook.scalars import TRAPS, Plain, resolve

MAX_BYTES = 1 << 20
MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_PROBLEMS = 200
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ORDINARY = re.compile(r"[a-z_][a-z_.-]*")
Path = tuple[str | int, ...]
Spot = tuple[int, int]


@dataclass(slots=True)
class Marks:
    """Where the children of one mapping or list stand (0-based line and column), by key or index."""

    keys: dict[str | int, Spot] = field(default_factory=dict)
    values: dict[str | int, Spot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. `tree` is the plain value (None when it could not be read), `problems` what is wrong."""

    file: str
    tree: Raw
    problems: tuple[Problem, ...] = ()
    marks: dict[int, Marks] = field(default_factory=dict, repr=False)

    def place(self, path: Path, key: str | None = None) -> Place:
        """Where a value stands, or the `key` inside it. A path that leads nowhere gives its nearest ancestor."""
        node, spot = self.tree, (0, 0)
        for step in path:
            marks = self.marks.get(id(node))
            if marks is None or step not in marks.values:
                return self._place(spot)
            spot = marks.values[step]
            node = node[step]
        marks = self.marks.get(id(node))
        if key is not None and marks is not None and key in marks.keys:
            spot = marks.keys[key]
        return self._place(spot)

    def _place(self, spot: Spot) -> Place:
        return Place(self.file, spot[0] + 1, spot[1] + 1)


def read(text: bytes, file: str) -> Document:
    """Reads the bytes of a file. Never raises for what is in them: all that is wrong is in `problems`."""
    if len(text) > MAX_BYTES:
        return too_large(file, len(text))
    trouble = _decode(text, file)
    if isinstance(trouble, Problem):
        return Document(file, None, (trouble,))
    forbidden = _control_characters(trouble, file)
    if forbidden:
        return Document(file, None, forbidden)
    builder = _Builder(file)
    tree = builder.build(trouble)
    return Document(file, tree, tuple(builder.problems), builder.marks)


def too_large(file: str, size: int) -> Document:
    """The refusal of a file over the limit, which need not be read for it."""
    what = f"The file has {size:,} bytes; a runbook has at most {MAX_BYTES:,}."
    hint = "Move generated lists and scripts into files that a step calls."
    return Document(file, None, (Problem("RB102", what, Place(file), hint),))


def _decode(text: bytes, file: str) -> str | Problem:
    try:
        return text.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        before = text[: wrong.start]
        place = Place(file, before.count(b"\n") + 1, wrong.start - before.rfind(b"\n"))
        what = f"The file is not UTF-8: byte 0x{text[wrong.start]:02x} at offset {wrong.start} starts no character."
        return Problem("RB101", what, place, "Save it as UTF-8.")


def _control_characters(text: str, file: str) -> tuple[Problem, ...]:
    if not _FORBIDDEN.search(text):
        return ()
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    problems: list[Problem] = []
    for found in _FORBIDDEN.finditer(text):
        line = bisect.bisect_right(starts, found.start())
        place = Place(file, line, found.start() - starts[line - 1] + 1)
        problems.append(
            Problem("RB101", _forbidden(found.group()), place, "Delete it; it cannot be seen in an editor.")
        )
        if len(problems) == MAX_PROBLEMS:
            break
    return tuple(problems)


def _forbidden(character: str) -> str:
    return f"The invisible character U+{ord(character):04X} may not stand in a runbook."


class _TooMuch(Exception):
    """A limit was passed; the problem is already noted."""


class _Builder:
    """Turns events into a tree, noting marks and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.marks: dict[int, Marks] = {}
        self._nodes = 0
        self._parser: Raw = None

    def build(self, text: str) -> Raw:
        try:
            self._parser = yaml.CLoader(text)
            return self._stream()
        except yaml.YAMLError as trouble:
            self._syntax(trouble)
        except _TooMuch:
            pass
        return None

    def _stream(self) -> Raw:
        tree: Raw = None
        documents = 0
        while (event := self._parser.get_event()) is not None:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    hint = "Put it in a file of its own."
                    self._problem("RB103", "A second document starts here; a runbook is one.", event, hint)
                    raise _TooMuch
                if event.tags or event.version:
                    self._problem("RB103", "A YAML directive (%) may not stand here.", event, "Delete the line.")
                tree = self._node(self._parser.get_event(), 1)
        if not documents:
            self.problems.append(Problem("RB100", "The file is empty.", Place(self.file), "Start with runbook: 1."))
        return tree

    def _node(self, event: Raw, depth: int) -> Raw:
        self._count(event, depth)
        if isinstance(event, yaml.AliasEvent):
            self._problem("RB103", f"The alias *{event.anchor} may not stand here.", event, "Write the value out.")
            return None
        if event.anchor:
            self._problem("RB103", f"The anchor &{event.anchor} may not stand here.", event, "Delete it.")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problem("RB103", f"The tag {tag} may not stand here.", event, "Delete it; quote text.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(depth)
        return self._mapping(depth)

    def _count(self, event: Raw, depth: int) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            what = f"There are more than {MAX_NODES:,} values in the file."
            self._problem("RB102", what, event, "Move generated lists into files that a step reads.")
            raise _TooMuch
        if depth > MAX_DEPTH:
            self._problem("RB102", f"This is nested deeper than {MAX_DEPTH} levels.", event, "Flatten it.")
            raise _TooMuch

    def _sequence(self, depth: int) -> list[Raw]:
        result: list[Raw] = []
        marks = self.marks[id(result)] = Marks()
        while not isinstance(event := self._parser.get_event(), yaml.SequenceEndEvent):
            marks.values[len(result)] = _spot(event)
            result.append(self._node(event, depth + 1))
        return result

    def _mapping(self, depth: int) -> dict[str, Raw]:
        result: dict[str, Raw] = {}
        marks = self.marks[id(result)] = Marks()
        while not isinstance(event := self._parser.get_event(), yaml.MappingEndEvent):
            key = self._key(event, depth + 1)
            value_event = self._parser.get_event()
            value = self._node(value_event, depth + 1)
            if key is None:
                continue
            if key in result:
                first = marks.keys[key][0] + 1
                self._problem("RB001", f"The key `{key}` stands here twice; first in line {first}.", event, "Keep one.")
                continue
            marks.keys[key] = _spot(event)
            marks.values[key] = _spot(value_event)
            result[key] = value
        return result

    def _key(self, event: Raw, depth: int) -> str | None:
        if not isinstance(event, yaml.ScalarEvent):
            self._problem("RB001", "A key must be plain text.", event, "Write name: value.")
            self._node(event, depth)
            return None
        if event.value == "<<" and not event.style:
            self._problem("RB103", "A merge key (<<) may not stand here.", event, "Write the keys out.")
            return None
        if not event.anchor and event.tag is None and _ORDINARY.fullmatch(event.value) and event.value not in TRAPS:
            self._nodes += 1
            return str(event.value)
        before = len(self.problems)
        key = self._node(event, depth)
        if len(self.problems) > before:
            return None
        if not isinstance(key, str):
            hint = f'Write "{event.value}" in quotes, or another name.'
            self._problem("RB001", f"The key `{event.value[:60]}` is not text.", event, hint)
            return None
        return key

    def _scalar(self, event: Raw) -> str | int | float | bool | None:
        text: str = event.value
        if (event.style == '"') and (found := _FORBIDDEN.search(text)):
            self._problem("RB101", _forbidden(found.group()), event, "Write text that can be seen.")
            return ""
        if event.style:
            return text
        plain: Plain = resolve(text)
        if plain.trouble:
            self._problem("RB001", plain.trouble, event, plain.hint)
        return plain.value

    def _problem(self, code: str, what: str, event: Raw, hint: str) -> None:
        line, column = _spot(event)
        self.problems.append(Problem(code, what, Place(self.file, line + 1, column + 1), hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooMuch

    def _syntax(self, trouble: yaml.YAMLError) -> None:
        mark = getattr(trouble, "problem_mark", None)
        said: Sequence[str | None] = (getattr(trouble, "problem", None), getattr(trouble, "context", None))
        what = "; ".join(part for part in said if part) or "it cannot be read"
        place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)
        hint = "Look for a missing quote, a tab, or wrong indentation on this line or the one before."
        self.problems.append(Problem("RB100", f"This is not YAML: {what}.", place, hint))


def _spot(event: Raw) -> Spot:
    mark = event.start_mark
    return (mark.line, mark.column)
