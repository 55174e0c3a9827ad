"""The protocol of detached commands: builds the requests for the far side's shell and reads what it answers.

A request is the whole of `far/detach.sh` with calls at its end, written to stdin of `sh -s`. The answer is lines and
frames: `S key=value ...` facts, `O offset length` and `E offset length` followed by that many raw bytes of a stream,
`L word` and `K word` for a launch and a signal, `X text` for a refusal, `Z` at the end of an attach. Nothing here does
I/O: local and remote transports share it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.connectors import quoting
from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, CommandState, Limits, Payload

_SAFE = re.compile(rb"[^a-z0-9.-]")
_LONGEST_NAME = 200
_LONGEST_LINE = 65536


def folder_name(ticket: str) -> str:
    """A folder name for a ticket: lower case letters, digits, `.`, `-` and `_xx`; different tickets never share one.

    Capital letters are escaped too, since some file systems do not tell them apart. Raises Refused when too long.
    """
    name = _SAFE.sub(lambda m: b"_%02x" % m[0][0], ticket.encode()).decode("ascii")
    if name.startswith((".", "-")):
        name = f"_{ord(name[0]):02x}{name[1:]}"
    if not name or len(name) > _LONGEST_NAME:
        raise Refused(f"The ticket {ticket[:60]!r} is empty or too long for a folder.", hint="Shorten the step's id.")
    return name


@dataclass(frozen=True, slots=True)
class FarSide:
    """Where tickets lie at the target ("" for ~/.tminus/commands) and the words that start a shell there."""

    home: str = ""
    shell: tuple[str, ...] = ("/bin/sh",)

    def request(self, *calls: str, more: str = "") -> bytes:
        """The bytes for stdin of `sh -s`; whatever is cut off it, nothing runs. `more`: a shipped text of functions."""
        home = quoting.quoted(self.home) if self.home else '"${HOME:?}/.tminus/commands"'
        settings = f"t_base={home} t_sh={quoting.quoted(' '.join(self.shell))}\n"
        functions = quoting.shell_text("detach.sh") + (quoting.shell_text(more) if more else "")
        return (functions + settings + "\n".join(calls) + "\nexit 0\n}\n").encode("ascii")


def launch(ticket: str, payload: Payload, limits: Limits) -> str:
    """The call that starts it at most once. Raises Refused for what cannot be sent."""
    stdin = quoting.open_stdin(payload)
    parts = {
        "sup": quoting.shell_text("supervise.sh").encode("ascii"),
        "cmd": quoting.command_text(payload).encode("utf-8", "surrogateescape"),
        "script": payload.script.encode("utf-8", "surrogateescape"),
        "in": stdin,
    }
    sums = "\n".join(f"{quoting.posix_cksum(data)} {len(data)} {name}" for name, data in sorted(parts.items()) if data)
    words = [folder_name(ticket), secrets.token_hex(8), sums, str(limits.seconds), str(limits.output_bytes)]
    words += [quoting.escaped(parts[name]) for name in ("sup", "cmd", "script", "in")]
    words.append(quoting.secret_text(payload))
    return "launch " + " ".join(quoting.quoted(word) for word in words)


def attach(ticket: str, out_from: int, err_from: int, *, launched: bool = False) -> str:
    """The call that streams output from two byte offsets until the command has ended.

    launched: the same request launches it, so its first facts can wait for a second.
    """
    return f"attach {folder_name(ticket)} {int(out_from)} {int(err_from)}" + (" 0" if launched else "")


def ask(ticket: str, verb: Literal["state", "fence", "gc"]) -> str:
    """A call that takes a ticket only."""
    return f"{verb} {folder_name(ticket)}"


def cancel(ticket: str, signal: Literal["TERM", "KILL"]) -> str:
    """The call that signals the whole group."""
    return f"cancel {folder_name(ticket)} {signal}"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of one stream, `offset` counted from its first byte."""

    stream: Literal["out", "err"]
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Word:
    """One short answer: kind L (launch), K (signal), G (removal), M (machine), X (refusal), Z (end), and its text."""

    kind: str
    text: str


Frame = Chunk | Word | CommandState


class Frames:
    """Cuts the far side's bytes into frames, however they are chopped up on the way.

    piecemeal: hand out the bytes of a stream as they come, so that a link that is cut again and again still gets on.
    """

    def __init__(self, *, piecemeal: bool = False) -> None:
        self._piecemeal = piecemeal
        self._held = bytearray()
        self._want: tuple[Literal["out", "err"], int, int] | None = None

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Every frame that is complete now. Raises TargetUnreachable for what is not this protocol."""
        self._held += data
        while (frame := self._next()) is not None:
            yield frame

    @property
    def whole(self) -> bool:
        """Nothing is left over: the far side was not cut off inside a frame."""
        return not self._held and self._want is None

    def _next(self) -> Frame | None:
        if self._want is None and not self._header():
            return None
        if self._want is None:
            return self._line()
        stream, offset, size = self._want
        if len(self._held) < size and not (self._piecemeal and self._held):
            return None
        chunk = Chunk(stream, offset, bytes(self._held[:size]))
        del self._held[:size]
        left = size - len(chunk.data)
        self._want = (stream, offset + len(chunk.data), left) if left else None
        return chunk

    def _header(self) -> bool:
        """A full line waits; if it announces bytes, it is taken off."""
        end = self._held.find(b"\n")
        if end < 0:
            if len(self._held) > _LONGEST_LINE:
                raise _strange(bytes(self._held[:80]))
            return False
        words = bytes(self._held[:end]).split(b" ")
        if words[0] in (b"O", b"E"):
            if len(words) != 3 or not (words[1].isdigit() and words[2].isdigit()):  # noqa: PLR2004 - kind, offset, length
                raise _strange(bytes(self._held[:80]))
            self._want = ("out" if words[0] == b"O" else "err", int(words[1]), int(words[2]))
            del self._held[: end + 1]
        return True

    def _line(self) -> Frame:
        end = self._held.find(b"\n")
        line = bytes(self._held[:end]).decode("ascii", "replace")
        del self._held[: end + 1]
        kind, _, text = line.partition(" ")
        if kind == "S":
            return parse_state(text)
        if kind in ("L", "K", "G", "M", "D", "X", "Z"):
            return Word(kind, text)
        raise _strange(line.encode())


def parse_state(text: str) -> CommandState:
    """The facts of one `S` line. Raises TargetUnreachable when they are not facts."""
    facts = dict(word.partition("=")[::2] for word in text.split())

    def word(key: str) -> str:
        value = facts.get(key, "-")
        return "" if value == "-" else value

    try:
        return CommandState(
            phase=CommandPhase(facts.get("state", "")),
            rc=int(word("rc")) if word("rc") else None,
            group=word("group"),
            killed=word("killed"),
            out=int(facts.get("out", "0")),
            err=int(facts.get("err", "0")),
            dropped=int(facts.get("dropped", "0")),
            eof=facts.get("eof") == "1",
            began=word("began"),
            ended=word("ended"),
            host=word("host"),
            boot=word("boot"),
            now=word("now"),
        )
    except ValueError as error:
        raise _strange(text.encode()) from error


def answer(frames: list[Frame]) -> tuple[CommandState | None, dict[str, str]]:
    """The last facts and the words by kind. Raises Refused when the far side refused (nothing was started by it)."""
    state: CommandState | None = None
    words: dict[str, str] = {}
    for frame in frames:
        match frame:
            case CommandState():
                state = frame
            case Word(kind="X", text=text):
                raise Refused(f"The target refused: {text}.", hint="Nothing was started. Mend it, then try again.")
            case Word(kind=kind, text=text):
                words[kind] = text
            case Chunk():
                pass
    return state, words


def _strange(head: bytes) -> TargetUnreachable:
    return TargetUnreachable(
        f"The far side answered {head[:60]!r}, which is not the protocol.",
        hint="Look for shell start-up files that print something.",
    )
