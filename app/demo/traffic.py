"""The shop's customers: about forty requests a second over the loopback interface, one in seven of them a write."""

from __future__ import annotations

import asyncio
import json
import random
from http import HTTPStatus

from app.demo.web import Request, ask

CUSTOMERS = 4
_PAUSE = 0.1
"""Four customers, ten requests a second each."""

_HABITS = {"read": 80, "list": 5, "place": 10, "pay": 5}
_HEADERS = {"x-customer": "yes"}
Link = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Customer:
    """Reads, places and pays orders, one request after the other, and comes back when the line is cut."""

    def __init__(self, number: int, port: int, orders: int) -> None:
        self._dice = random.Random(number)  # noqa: S311 - what a customer does, not a secret
        self._port = port
        self._orders = orders
        self._unpaid: list[int] = []

    async def shop(self) -> None:
        """Goes on until cancelled."""
        while True:
            try:
                await self._visit(await asyncio.open_connection("127.0.0.1", self._port))
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(_PAUSE)

    async def _visit(self, link: Link) -> None:
        try:
            while True:
                await self._one(link)
                await asyncio.sleep(_PAUSE * self._dice.uniform(0.8, 1.2))
        finally:
            link[1].close()

    async def _one(self, link: Link) -> None:
        (wish,) = self._dice.choices(tuple(_HABITS), tuple(_HABITS.values()))
        if wish == "place":
            await self._place(link)
        elif wish == "pay" and self._unpaid:
            await self._pay(link)
        else:
            order = self._dice.randint(1, self._orders)
            await ask(link, Request("GET", "/orders" if wish == "list" else f"/orders/{order}", {}, _HEADERS, b""))

    async def _place(self, link: Link) -> None:
        facts = {"customer": self._dice.randint(1, 10), "cents": self._dice.randint(100, 99_999)}
        status, body = await ask(link, Request("POST", "/orders", {}, _HEADERS, json.dumps(facts).encode()))
        if status == HTTPStatus.CREATED:
            self._unpaid.append(json.loads(body)["order"])

    async def _pay(self, link: Link) -> None:
        status, _ = await ask(link, Request("POST", f"/orders/{self._unpaid[0]}/pay", {}, _HEADERS, b""))
        if status == HTTPStatus.OK:
            self._unpaid.pop(0)
