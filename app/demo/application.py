"""The shop as a process of its own: `python -m app.demo.application FOLDER [--console PID] [--idle SECONDS]`.

Returns 0 when the shop answers on the loopback port written to FOLDER/port; the shop itself goes on in the background,
in a session of its own, so that it outlives the console. It leaves nothing behind: it ends when FOLDER/stop appears,
when its folder is gone, or when the console that began it is gone and nobody has asked it anything for 15 minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import IO

from app.demo.layout import Layout, write_whole
from app.demo.shop import Shop
from app.demo.switches import read_switches
from app.demo.traffic import CUSTOMERS, Customer
from app.demo.web import converse

IDLE_SECONDS = 900.0
_LOOK_EVERY = 0.2


def main(words: list[str]) -> int:
    """Starts the shop of a folder in the background; 0 once it answers, also when it already did."""
    layout = Layout(Path(words[0]))
    options = dict(zip(words[1::2], words[2::2], strict=True))
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        with os.fdopen(reader, "rb") as news:
            return 0 if news.read() == b"ready" else 1
    os.close(reader)
    os.setsid()
    _quiet(layout)
    with os.fdopen(writer, "wb") as herald, layout.running.open("a+") as lock:
        _hold(layout, options, lock, herald)
    os._exit(0)


def _hold(layout: Layout, options: dict[str, str], lock: IO[str], herald: IO[bytes]) -> None:
    """The lock says that the shop runs, for as long as its process lives, however that ends."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        herald.write(b"ready")  # another one is there already
        return
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    console, idle = int(options.get("--console", "0")), float(options.get("--idle", IDLE_SECONDS))
    try:
        asyncio.run(_open(layout, herald, (console, idle)))
    except Exception:
        _log().exception("the shop broke down")
        raise


def _quiet(layout: Layout) -> None:
    """Nothing of the terminal that began it stays open in the background."""
    with layout.log.open("a") as log:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(filename=layout.log, level=logging.INFO, format="%(asctime)sZ %(message)s")


async def _open(layout: Layout, herald: IO[bytes], life: tuple[int, float]) -> None:
    shop = Shop(layout)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shop.connections += 1
        try:
            await converse(reader, writer, shop.answer)
        finally:
            shop.connections -= 1

    try:
        server = await asyncio.start_server(meet, "127.0.0.1", _port_before(layout))
    except OSError:  # somebody else has it now
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    orders = json.loads(layout.before.read_text(encoding="utf-8"))["orders"]
    customers = [asyncio.create_task(Customer(number, port, orders).shop()) for number in range(CUSTOMERS)]
    write_whole(layout.port, f"{port}\n")
    _log().info("open on port %d, process %d", port, os.getpid())
    herald.write(b"ready")
    herald.close()
    await _until_the_end(layout, shop, life)
    for customer in customers:
        customer.cancel()
    await asyncio.gather(*customers, return_exceptions=True)
    server.close()
    shop.close()


def _port_before(layout: Layout) -> int:
    """The port on which this estate's shop was open before, 0 for any: whoever knew the old address keeps it."""
    try:
        return int(layout.port.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0


async def _until_the_end(layout: Layout, shop: Shop, life: tuple[int, float]) -> None:
    console, idle = life
    seen = ""
    while not layout.stop.exists() and layout.running.exists():
        with contextlib.suppress(FileNotFoundError):
            seen = _told(layout, seen)
        if not _lives(console) and time.monotonic() - shop.contact > idle:
            _log().info("nobody has asked for %d s", int(idle))
            return
        await asyncio.sleep(_LOOK_EVERY)


def _told(layout: Layout, seen: str) -> str:
    """Writes every change of the switches into the log; the switches as text."""
    now = read_switches(layout)
    text = f"engine {now.engine}, read only {'on' if now.read_only else 'off'}, {now.releases}"
    if text != seen:
        _log().info("%s", text)
    return text


def _log() -> logging.Logger:
    return logging.getLogger("shop")


def _lives(pid: int) -> bool:
    """Whether a process has this number. 0 names none."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
