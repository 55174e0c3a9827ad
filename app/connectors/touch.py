"""Does something listen there: a TCP connection that is opened and closed, with nothing said."""

from __future__ import annotations

import asyncio
from datetime import timedelta


async def touch(host: str, port: int, limit: timedelta = timedelta(seconds=5)) -> str:
    """Why nobody could be reached, in words; "" when a connection came about."""
    try:
        async with asyncio.timeout(limit.total_seconds()):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer from {host}:{port} within {limit.total_seconds():g} s"
    except OSError as error:
        return f"{host}:{port} cannot be reached: {error.strerror or type(error).__name__}"
    writer.close()
    return ""
