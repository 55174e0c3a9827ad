"""Redaction: known secrets become `***` in bytes, in whatever common encoding, before anything is stored or shown.

A secret is looked for raw, URL-encoded, in base64 (three alignments, both alphabets), hex, JSON-escaped, shell-quoted,
SQL-quoted, HTML-escaped and in UTF-16; across line ends and terminal codes, too, by looking at copies without them.
Of a stream only what may be the beginning of a secret is held back.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, product
from typing import Literal
from urllib.parse import quote, quote_plus

from app.errors import Refused

MASK = b"***"
SHORTEST = 8
"""Characters of the shortest secret: a shorter one would be found, and masked, all over innocent output."""

_HELD_MOST = 16384
"""Bytes held back at most; an endless row of line ends after the first letter of a secret must not fill the memory."""

_LINE_ENDS = b"\r\n"
_CODE = re.compile(
    rb"\x1b(?:"
    rb"\[[0-?]*[ -/]*(?:[@-~]|\Z)"  # colours, cursor; \Z: cut off by the end of what has arrived
    rb"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|\x1b?\Z)"  # titles, links and other strings
    rb"|[ -/]*[0-OQ-WYZ\\`-~]|\Z)"
)


_RUNS = re.compile(rb"(?:[A-Za-z0-9]\x00)+[A-Za-z0-9]|[A-Za-z0-9]+")
_PROBE = 4
"""Bytes of the shortest probe: shorter ones stand in every line."""


class Redactor:
    """Knows the secrets of a run. Empty at first: everything passes, at the speed of a copy."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._known = _Needles(())
        self._values: frozenset[str] = frozenset()
        for value in values:
            self.learn(value)

    def learn(self, value: str) -> None:
        """Mask this value from now on, in streams that are already open, too. Raises Refused when it is too short."""
        if len(value.strip()) < SHORTEST:
            raise Refused(
                f"A secret has fewer than {SHORTEST} characters; masking it would mask innocent output.",
                hint="Use a longer one.",
            )
        self._values |= {value}
        self._known = _Needles(_spellings(self._values))

    def mask(self, data: bytes) -> bytes:
        """The same bytes with every secret in them masked."""
        return _masked(data, self._known.find(data))

    def text(self, text: str) -> str:
        """The same text with every secret in it masked; half a character left by a mask becomes U+FFFD.

        So much of a secret at the end that chance cannot explain it is masked, too: the text may have been cut there.
        """
        if not self._values:
            return text
        data = text.encode("utf-8", "surrogatepass")
        masked = _masked(data, self._known.find(data, cut_off=True))
        return text if masked == data else masked.decode("utf-8", "replace")

    def stream(self) -> Stream:
        """A new stream of bytes that arrive piece by piece."""
        return Stream(self)

    def split(self, data: bytes) -> tuple[bytes, bytes]:
        """What may be shown of the beginning of a stream, masked, and what has to wait for more, as it came."""
        known = self._known
        if not known.needles:
            return data, b""
        spans = known.find(data)
        cut = known.unfinished(data)
        while spans and spans[-1][1] > cut:  # a secret reaches into what has to wait: it waits, too
            cut = min(cut, spans.pop()[0])
        if len(data) - cut > _HELD_MOST:
            return _masked(data, [*spans, (cut, len(data))]), b""
        return _masked(data[:cut], spans), data[cut:]


class Stream:
    """One stream of output. Pieces go in as they come; what comes out never shows a secret, however it was cut."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = b""

    @property
    def held(self) -> int:
        """Bytes that went in and have not come out yet: after a crash they are to be fetched again."""
        return len(self._held)

    def feed(self, data: bytes) -> bytes:
        """What may be shown now."""
        shown, self._held = self._redactor.split(self._held + data if self._held else data)
        return shown

    def flush(self) -> bytes:
        """The rest, at the end of the stream. So much of a secret that chance cannot explain it is masked as well."""
        rest, self._held = self._held, b""
        redactor = self._redactor
        return _masked(rest, redactor._known.find(rest, cut_off=True))  # noqa: SLF001 - the same idea in two classes


# ---------------------------------------------------------------- finding


class _View:
    """A copy without line ends; without terminal codes, too, when `codes` is "out": a secret may also be inside one."""

    def __init__(self, data: bytes, codes: Literal["in", "out"]) -> None:
        self._data = data
        self._lines = data.translate(None, _LINE_ENDS)
        self._codes = codes
        self.bare = self._lines if codes == "in" else _CODE.sub(b"", self._lines)

    def origins(self, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """(from, to) in the copy as (from, to) in the bytes as they came."""
        lines = _Gaps(re.finditer(rb"[\r\n]+", self._data))
        codes = _Gaps(_CODE.finditer(self._lines) if self._codes == "out" else ())
        return [(lines.back(codes.back(a)), lines.back(codes.back(b - 1)) + 1) for a, b in places]


class _Gaps:
    """What was left out of a copy, so that places in it can be led back."""

    def __init__(self, matches: Iterable[re.Match[bytes]]) -> None:
        gaps = [match.span() for match in matches]
        self._shifts = [0, *accumulate(end - start for start, end in gaps)]
        self._starts = [0, *(start - shift for (start, _), shift in zip(gaps, self._shifts, strict=False))]

    def back(self, place: int) -> int:
        return place + self._shifts[bisect_right(self._starts, place) - 1]


class _Needles:
    """Byte strings to look for. All answers are (from, to) places in the bytes as they came."""

    def __init__(self, spellings: Iterable[bytes]) -> None:
        bare = {one.translate(None, _LINE_ENDS) for one in spellings}
        bare |= {_CODE.sub(b"", one) for one in bare}
        self.needles = tuple(sorted((one for one in bare if len(one) >= SHORTEST), key=len))
        self._probes = _probes(self.needles)
        self._begins = frozenset(one[:n] for one in self.needles for n in range(1, len(one)))
        self._longest = max(map(len, self.needles), default=0)

    def find(self, data: bytes, *, cut_off: bool = False) -> list[tuple[int, int]]:
        """Where secrets are, in order, apart from each other. `cut_off`: also a long beginning of one at the end."""
        spans: list[tuple[int, int]] = []
        for view in _views(data) if self.needles else ():
            bare = view.bare
            likely = [needle for probe, needles in self._probes if probe in bare for needle in needles]
            places = [place for needle in likely for place in _every(needle, bare)]
            ends = self._beginning(bare) if cut_off else 0
            if ends >= SHORTEST:
                places.append((len(bare) - ends, len(bare)))
            if places:
                spans += view.origins(places)
        return _joined(spans)

    def unfinished(self, data: bytes) -> int:
        """From where on the bytes may be the beginning of a secret whose rest has not arrived; their length if not."""
        tail = max(len(data) - _HELD_MOST - self._longest, 0)
        cut = len(data)
        for view in _views(data[tail:]):
            end = len(view.bare)
            length = self._beginning(view.bare)
            if length:
                cut = min(cut, tail + view.origins([(end - length, end)])[0][0])
        return cut

    def _beginning(self, bare: bytes) -> int:
        """Length of the longest end of `bare` with which a secret begins."""
        most = min(self._longest - 1, len(bare))
        return next((n for n in range(most, 0, -1) if bare[-n:] in self._begins), 0)


def _views(data: bytes) -> Iterator[_View]:
    yield _View(data, "in")
    if b"\x1b" in data:
        yield _View(data, "out")


def _probes(needles: Sequence[bytes]) -> tuple[tuple[bytes, tuple[bytes, ...]], ...]:
    """Needles by the longest plain run inside them, shared by most spellings of a secret: half as many to find."""
    groups: dict[bytes, list[bytes]] = {}
    for needle in needles:
        probe = max(_RUNS.findall(needle), key=len, default=b"")
        groups.setdefault(probe if len(probe) >= _PROBE else needle, []).append(needle)
    return tuple((probe, tuple(group)) for probe, group in groups.items())


def _every(needle: bytes, data: bytes) -> Iterator[tuple[int, int]]:
    """All places, overlapping ones, too: of "abab..." each may be the true one."""
    place = data.find(needle)
    while place >= 0:
        yield place, place + len(needle)
        place = data.find(needle, place + 1)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _masked(data: bytes, spans: Sequence[tuple[int, int]]) -> bytes:
    if not spans:
        return data
    pieces, last = [], 0
    for start, end in spans:
        pieces += [data[last:start], MASK]
        last = end
    return b"".join([*pieces, data[last:]])


# ---------------------------------------------------------------- spellings


def _spellings(values: Iterable[str]) -> Iterator[bytes]:
    for value in values:
        raw = value.encode("utf-8", "surrogatepass")
        yield from (text.encode("utf-8", "surrogatepass") for text in _texts(value))
        yield from _base64s(raw)
        yield from (raw.hex().encode(), raw.hex().upper().encode())
        yield from (value.encode("utf-16-le", "surrogatepass"), value.encode("utf-16-be", "surrogatepass"))


def _texts(value: str) -> Iterator[str]:
    """The ways to write it as text."""
    yield value
    for encoded in (
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
    ):
        yield from (encoded, re.sub("%..", lambda code: code[0].lower(), encoded))
    for encoded in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield from (encoded, encoded.replace("/", "\\/"))
    yield from (shlex.quote(value).strip("'"), value.replace("'", "'\\''"), re.sub(r"([^\w@%+=:,./-])", r"\\\1", value))
    yield from (value.replace("'", "''"), value.replace("\\", "\\\\").replace("'", "\\'"), value.replace('"', '""'))
    plain = html.escape(value, quote=False)
    for single, double in product(("'", "&#x27;", "&#39;", "&apos;"), ('"', "&quot;", "&#34;")):
        yield plain.replace("'", single).replace('"', double)


def _base64s(raw: bytes) -> Iterator[bytes]:
    """Three alignments, each without the digits that also depend on what stands before or after."""
    for before in range(3):
        digits = base64.b64encode(bytes(before) + raw + bytes(-(before + len(raw)) % 3))
        whole = digits[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield from (whole, whole.translate(bytes.maketrans(b"+/", b"-_")))
