"""One connection to a host, and the conversations on it. Bytes are fetched by a few shared threads, judged in the loop.

paramiko runs one thread for each connection and wakes us through `Bell`; no thread of ours waits for a host. A dead
peer is noticed by silence alone: whoever listens says how long is too long, and severs the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from concurrent.futures import Executor
from typing import Any

import paramiko

from app.connectors.detached import Frame, Frames
from app.connectors.ssh_trust import HostKey
from app.connectors.ssh_words import LinkLost

SESSIONS = 8
"""Conversations at once on one connection; OpenSSH's MaxSessions is 10, and some are still being closed."""

_SLOWEST = 50_000  # bytes a second of an upload
_GULP = 1 << 20
_LONGEST_NOISE = 256 << 10
_KEPT_NOISE = 2000


class Full(Exception):
    """The server opens no more conversations on this connection."""


class Bell:
    """What paramiko takes for a threading.Event: rung from its threads, awaited in the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()

    def set(self) -> None:
        """Ring. Called by paramiko; a loop that is gone hears nothing."""
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            if not self._loop.is_closed():
                raise

    def clear(self) -> None:
        """Called by paramiko when it is out of bytes; whoever listens clears it himself."""

    def hush(self) -> None:
        """Forget the rings so far; look for bytes after this, then wait."""
        self._event.clear()

    async def wait(self) -> None:
        """Wait for the next ring."""
        await self._event.wait()


class Link:
    """A transport that is logged in, of one loop. `used` counts its conversations, `room` is how many it takes.

    key: the one that the host proved to have when this connection was made. Raises LinkLost when it is gone by then.
    """

    def __init__(self, transport: Any, workers: Executor, answer: float) -> None:  # noqa: ANN401 - see above
        self.transport = transport
        try:
            shown = transport.get_remote_server_key()
        except paramiko.SSHException as error:
            transport.close()
            raise LinkLost("it ended as soon as it was made", sent=False) from error
        self.key = HostKey(shown.get_name(), shown.asbytes())
        self._answer = answer
        self.workers = workers
        self.used = 0
        self.room = SESSIONS
        self.heard = asyncio.get_running_loop().time()
        self._opening = asyncio.Lock()
        self._severed = False

    @property
    def alive(self) -> bool:
        """Whether paramiko believes in it. A peer that fell silent still counts."""
        return not self._severed and bool(self.transport.is_active())

    async def talk(self, command: str, request: bytes, mark: bytes, workers: Executor | None = None) -> Talk:
        """Start a program there and write to its stdin, then close that. Raises LinkLost or Full.

        mark: the line after which its own words begin; what start-up files print before it is passed over. workers:
        threads for this conversation, else the shared ones.
        """
        loop = asyncio.get_running_loop()
        workers = workers or self.workers
        async with self._opening:  # paramiko keeps one error for the whole connection
            opening = loop.run_in_executor(workers, self._open, command)
            channel = await self._within(self._answer, opening, sent=False)
        sending = loop.run_in_executor(workers, _send, channel, request, self._answer)
        try:
            await self._within(self._answer + len(request) / _SLOWEST, sending, sent=True)
        except BaseException:
            self.later(channel.close)
            raise
        return Talk(channel, self, mark, workers)

    def sever(self) -> None:
        """Cut the connection; every conversation on it ends at once. Never blocks."""
        if self._severed:
            return
        self._severed = True
        threading.Thread(target=_cut, args=(self.transport,), name="tminus-sever", daemon=True).start()

    def later(self, work: Any) -> None:  # noqa: ANN401 - a method of paramiko
        """Do something short on a thread; its failure means that the connection is gone, which is found out anyway."""
        with contextlib.suppress(RuntimeError):  # the pool is closed, and with it every connection
            self.workers.submit(quietly, work)

    async def _within(self, seconds: float, work: asyncio.Future[Any], *, sent: bool) -> Any:  # noqa: ANN401 - see above
        try:
            async with asyncio.timeout(seconds):
                result = await asyncio.shield(work)
        except TimeoutError:
            work.add_done_callback(self._abandon)
            self.sever()
            raise LinkLost(f"no answer within {seconds:.0f} s", sent=sent) from None
        except paramiko.ChannelException:
            raise Full from None
        except (paramiko.SSHException, OSError, EOFError) as error:
            self.sever()
            raise LinkLost(str(error)[:120] or "the connection was closed", sent=sent) from None
        except asyncio.CancelledError:
            work.add_done_callback(self._abandon)
            raise
        self.heard = asyncio.get_running_loop().time()
        return result

    def _abandon(self, work: asyncio.Future[Any]) -> None:
        if not work.cancelled() and work.exception() is None and work.result() is not None:
            self.later(work.result().close)

    def _open(self, command: str) -> Any:  # noqa: ANN401 - paramiko has no types
        channel = self.transport.open_session(timeout=self._answer)
        try:
            channel.exec_command(command)
        except BaseException:
            channel.close()
            raise
        return channel


class Talk:
    """One conversation: what a program at the far side writes, cut into frames. Close it when done.

    early: frames that somebody took already and left for the next one who listens.
    """

    def __init__(self, channel: Any, link: Link, mark: bytes, workers: Executor) -> None:  # noqa: ANN401 - see above
        self.link = link
        self._workers = workers
        self.stderr = bytearray()
        self.early: tuple[Frame, ...] = ()
        self._channel = channel
        self._bell = Bell(asyncio.get_running_loop())
        self._mark: bytes = mark
        self._noise = bytearray()
        self._frames = Frames(piecemeal=True)
        self._closed = self._ended = False
        channel.settimeout(0.0)
        channel.in_buffer.set_event(self._bell)
        channel.in_stderr_buffer.set_event(self._bell)

    async def next(self, silence: float) -> tuple[Frame, ...] | None:
        """The next frames, () for a sign of life without a whole one, None at the end of all words.

        Raises LinkLost after `silence` seconds without a byte, or when the connection ended before the far side did.
        """
        data = await self._read(silence)
        if data is not None:
            self.link.heard = asyncio.get_running_loop().time()
            return tuple(self._frames.feed(self._after_mark(data)))
        if not self._channel.eof_received or not (self._frames.whole):
            raise LinkLost("the connection ended")
        return None

    @property
    def began(self) -> bool:
        """Whether the program's own words have begun."""
        return not self._mark

    @property
    def noise(self) -> str:
        """What was said beside the protocol: stderr, or what stood before its first word."""
        said = bytes(self.stderr) or bytes(self._noise)
        return said.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """Let go of it; a program at the far side that still writes ends by that. Safe to call twice; never blocks."""
        if not self._closed:
            self._closed = True
            self.link.used -= 1
            self.link.later(self._channel.close)

    async def _read(self, silence: float) -> bytes | None:
        loop = asyncio.get_running_loop()
        while True:
            self._bell.hush()
            data = await loop.run_in_executor(self._workers, self._drain)
            if data:
                return data
            if self._ended:
                return None
            try:
                async with asyncio.timeout(silence):
                    await self._bell.wait()
            except TimeoutError:
                raise LinkLost(f"nothing was heard for {silence:.0f} s") from None

    def _drain(self) -> bytes:
        """What has arrived on both streams. On a thread: taking bytes may send a word there, which may block."""
        over = self._channel.closed or self._channel.eof_received  # looked at first: what is there now is all
        try:
            said = _taken(self._channel.recv_stderr)
            self.stderr += said[: _KEPT_NOISE - len(self.stderr)]
            data = _taken(self._channel.recv)
        except (paramiko.SSHException, OSError, EOFError):
            data = b""
        self._ended = bool(over and not data)
        return data

    def _after_mark(self, data: bytes) -> bytes:
        if not self._mark:
            return data
        self._noise += data
        before, mark, after = bytes(self._noise).partition(self._mark)
        if mark:
            self._mark = b""
            self._noise = bytearray(before[-_KEPT_NOISE:])
            return after
        if len(self._noise) > _LONGEST_NOISE:
            raise LinkLost("the far side prints without end")
        return b""


def new_mark() -> tuple[str, bytes]:
    """A call that prints a line nobody else prints, and that line. It starts on a line of its own."""
    word = f"tminus-{secrets.token_hex(8)}"
    return f"echo; echo {word}", f"\n{word}\n".encode()


def _taken(receive: Any) -> bytes:  # noqa: ANN401 - a method of paramiko
    pieces = []
    size = 0
    while size < _GULP:
        try:
            piece = receive(_GULP)
        except TimeoutError:
            break
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _send(channel: Any, request: bytes, answer: float) -> None:  # noqa: ANN401 - paramiko has no types
    """A program that ends before it read everything is no lost connection: what it said on its way out tells more."""
    channel.settimeout(answer)
    try:
        channel.sendall(request)
        channel.shutdown_write()
    except OSError:
        if not (channel.closed and channel.transport.is_active()):
            raise


def _cut(transport: Any) -> None:  # noqa: ANN401 - paramiko has no types
    if isinstance(transport.sock, socket.socket):
        with contextlib.suppress(OSError):  # it may be gone already
            transport.sock.shutdown(socket.SHUT_RDWR)  # wakes its thread at once
    for end in (transport, transport.sock):
        quietly(end.close)


def quietly(work: Any) -> None:  # noqa: ANN401 - a method of paramiko
    """Do something at the end of a connection; that it is gone already is no news."""
    try:
        work()
    except (paramiko.SSHException, OSError, EOFError):
        return
