"""From a route to a connection that is encrypted, checked and logged in; or to the key that a host shows.

The waiting for a network that swallows everything happens in the loop, so it holds up nobody; only a server that
greets gets one of the few threads for the handshake, which costs some 50 ms of this machine's time.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import paramiko

from app.connectors import ssh_words
from app.connectors.ssh_link import quietly
from app.connectors.ssh_login import Entrance
from app.connectors.ssh_route import Route
from app.connectors.ssh_trust import HostKey, Trust, Verdict
from app.connectors.ssh_waits import Waits
from app.errors import Refused
from app.ports import Secrets

T = TypeVar("T")

_AT_ONCE = 16
_KEEPALIVE_SECONDS = 15
_POLL_SECONDS = 1.0
_DEAD_AFTER_MS = 15_000
# The fast ones first. No CBC, 3DES, MD5 or SHA-1.
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")

Asking = Callable[[], AbstractContextManager[None]]
Through = Callable[[Route], Any]
"""Opens a way through the host before: a socket-like channel to the route's address. Blocks."""


class Dialer:
    """Makes connections. `agreed` holds the proxy commands of ~/.ssh/config that were confirmed, word for word."""

    def __init__(
        self, trust: Trust, secrets: Secrets, agreed: Collection[str] = (), waits: Waits | None = None
    ) -> None:
        self.waits = waits or Waits()
        self._trust, self._secrets, self._agreed = trust, secrets, frozenset(agreed)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "tminus-greet")
        _hush()

    async def dial(self, route: Route, through: Through | None = None, asking: Asking = nullcontext) -> Any:  # noqa: ANN401 - paramiko has no types
        """A transport that is logged in. Raises Refused (key, login) or TargetUnreachable.

        asking: entered while the host's first word is waited for; the rest waits for a thread, or works.
        """
        sock = await self._socket(route, through, asking)
        return await self._shaken(sock, lambda transport: self._enter(transport, route))

    async def shown(self, route: Route, through: Through | None = None) -> HostKey:
        """The key that the host shows to somebody who knows nothing; then the connection is closed."""

        def look(transport: Any) -> HostKey:  # noqa: ANN401 - paramiko has no types
            try:
                return _shake(transport, route, (), self.waits.handshake)
            finally:
                quietly(transport.close)

        return await self._shaken(await self._socket(route, through), look)

    def close(self) -> None:
        """No more connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _shaken(self, sock: Any, work: Callable[[Any], T]) -> T:  # noqa: ANN401 - a socket or a channel
        def on_thread() -> T:
            try:
                transport = paramiko.Transport(sock)
                sock.settimeout(
                    _POLL_SECONDS
                )  # 200 idle connections that wake 10 times a second cost a tenth of a core
                transport.banner_timeout = self.waits.greeting
                transport.handshake_timeout = self.waits.handshake
                transport.auth_timeout = self.waits.login
            except BaseException:
                sock.close()
                raise
            try:
                return work(transport)
            except BaseException:
                quietly(transport.close)
                quietly(sock.close)
                raise

        return await _or_close(asyncio.get_running_loop().run_in_executor(self._threads, on_thread))

    def _enter(self, transport: Any, route: Route) -> Any:  # noqa: ANN401 - paramiko has no types
        known = self._trust.now()
        key = _shake(transport, route, known.kinds(route.known_as, route.port), self.waits.handshake)
        found = known.judge(route.known_as, route.port, key)
        if found.verdict is not Verdict.TRUSTED:
            raise ssh_words.distrusted(route, key, found)
        try:
            Entrance(transport, route, self._secrets).enter()
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise ssh_words.no_handshake(route, f"it ended while logging in ({_said(error)})") from None
        transport.set_keepalive(_KEEPALIVE_SECONDS)
        return transport

    async def _socket(self, route: Route, through: Through | None, asking: Asking = nullcontext) -> Any:  # noqa: ANN401 - a socket or a channel
        if route.proxy_command:
            if route.proxy_command not in self._agreed:
                raise ssh_words.unconfirmed(route)
            with asking():
                return await _greeted(route, _piped(route.proxy_command), self.waits.greeting)
        if through is None:
            with asking():
                return await _greeted(route, await _connected(route, self.waits.connect), self.waits.greeting)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, through, route)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise ssh_words.not_forwarded(route, _said(error)) from None


def _shake(transport: Any, route: Route, kinds: tuple[str, ...], seconds: float) -> HostKey:  # noqa: ANN401 - see above
    """Agree on keys with the host, asking first for the kinds of key that it is known by."""
    options = transport.get_security_options()
    options.ciphers, options.digests = _CIPHERS, _MACS
    wanted = [name for kind in kinds for name in (_RSA if kind == "ssh-rsa" else (kind,)) if name in options.key_types]
    options.key_types = tuple(dict.fromkeys((*wanted, *options.key_types)))
    try:
        transport.start_client(timeout=seconds)
        if not transport.initial_kex_done:
            raise ssh_words.mute(route, seconds)
        key = transport.get_remote_server_key()
    except (paramiko.SSHException, OSError, EOFError) as error:
        raise ssh_words.no_handshake(route, _said(error)) from None
    return HostKey(key.get_name(), key.asbytes())


async def _or_close(made: asyncio.Future[T]) -> T:
    """What the thread made; when nobody waits for it any more, it is closed as soon as it is there."""
    try:
        return await asyncio.shield(made)
    except asyncio.CancelledError:
        made.add_done_callback(_close_made)
        raise


def _close_made(made: asyncio.Future[Any]) -> None:
    if not made.cancelled() and made.exception() is None and hasattr(made.result(), "close"):
        threading.Thread(target=quietly, args=(made.result().close,), name="tminus-close", daemon=True).start()


async def _connected(route: Route, seconds: float) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            spots = await loop.getaddrinfo(route.address, route.port, type=socket.SOCK_STREAM)
            trouble = OSError("no address")
            for family, kind, protocol, _, address in spots:
                sock = socket.socket(family, kind, protocol)
                sock.setblocking(False)  # noqa: FBT003 - the name of the method says it
                try:
                    await loop.sock_connect(sock, address)
                except OSError as error:
                    sock.close()
                    trouble = error
                except BaseException:
                    sock.close()
                    raise
                else:
                    return _tuned(sock)
    except TimeoutError:
        raise ssh_words.silent(route, seconds) from None
    except (socket.gaierror, UnicodeError):
        raise ssh_words.no_such_name(route) from None
    raise ssh_words.not_connected(route, trouble)


def _tuned(sock: socket.socket) -> socket.socket:
    """Small words go out at once; a peer that acknowledges nothing for 15 s is given up by the kernel itself."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_AFTER_MS)
    return sock


async def _greeted(route: Route, sock: socket.socket, seconds: float) -> socket.socket:
    """Wait in the loop for the server's first word: whoever takes connections and says nothing gets no thread."""
    loop = asyncio.get_running_loop()
    greeting: asyncio.Future[None] = loop.create_future()

    def greets() -> None:
        if not greeting.done():
            greeting.set_result(None)

    loop.add_reader(sock, greets)
    try:
        async with asyncio.timeout(seconds):
            await greeting
    except BaseException as trouble:
        loop.remove_reader(sock)
        sock.close()
        if isinstance(trouble, TimeoutError):
            raise ssh_words.mute(route, seconds) from None
        raise
    loop.remove_reader(sock)
    sock.setblocking(True)  # noqa: FBT003 - the name of the method says it
    return sock


def _piped(command: str) -> socket.socket:
    """Our end of a command's stdin and stdout. It ends when that end is closed; a thread waits for it."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise Refused(f"The proxy command could not be started: {error.strerror}.") from None
    threading.Thread(target=process.wait, name="tminus-proxy", daemon=True).start()
    return ours


def _said(error: BaseException) -> str:
    """One line of what paramiko or the system says; no more, and never a traceback."""
    text = str(error).replace("\n", " ").strip()
    return text[:160].rstrip(".") or "the connection was closed"


def _hush() -> None:
    """Nothing of paramiko's own log leaves it: whoever turns logging up would have whole packets written to a file."""
    logger = logging.getLogger("paramiko")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
