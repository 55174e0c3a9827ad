"""The shop: answers requests for orders from whichever database is switched on, through two workers.

GET /orders/ID | GET /orders | POST /orders {customer, cents, note} | POST /orders/ID/pay
GET /health | GET /workers/NAME/health | GET /selftest?write=dry | GET /status | GET /metrics
GET /api/v1/query?query=orders_error_percent       as a Prometheus server would answer
"""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from app.demo.incidents import CALM, Incident, incident_of
from app.demo.layout import Layout
from app.demo.orders import OrderBook, OrderFailed
from app.demo.readings import Ending, Readings, as_prometheus
from app.demo.switches import BOTH_DRIVERS, WORKERS, Switches, read_switches
from app.demo.web import Reply, Request

_RESTART_SECONDS = 0.4
_WORK_SECONDS = 0.08
"""What a request takes besides its database: with it, twice the usual time is something that customers notice."""

_READ_ONLY = Reply(503, {"error": "read only for a few minutes"}, {"retry-after": "5", "x-read-only": "yes"})


class Shop:
    """Everything that one running shop knows. `contact` is when somebody other than its customers last asked."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._book = OrderBook(layout)
        self._readings = Readings()
        self._dice = random.Random(15)  # noqa: S311 - which requests fail, not a secret
        self._running: dict[str, str] = dict(read_switches(layout).releases)
        self._ready: dict[str, float] = dict.fromkeys(WORKERS, 0.0)
        self._turn = itertools.cycle(WORKERS)
        self.connections = 0
        self.contact = time.monotonic()

    async def answer(self, request: Request) -> Reply:
        """One request, one answer. Raises OSError when the estate's folder is gone."""
        switches = read_switches(self._layout)
        self._restart_changed(switches)
        if "x-customer" not in request.headers:
            self.contact = time.monotonic()
        if request.path.startswith("/orders"):
            return await self._measured(request, switches)
        return self._about(request, switches)

    def close(self) -> None:
        """Closes the databases."""
        self._book.close()

    # ------------------------------------------------------------ orders

    async def _measured(self, request: Request, switches: Switches) -> Reply:
        began = time.monotonic()
        incident = self._incident(switches)
        await asyncio.sleep(_WORK_SECONDS + incident.delay)
        reply = self._order(request, read_switches(self._layout))
        ending: Ending = "ok"
        if reply is _READ_ONLY:
            ending = "refused"
        elif reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            ending = "failed"
        self._readings.note(ending, time.monotonic() - began)
        return reply

    def _order(self, request: Request, switches: Switches) -> Reply:
        """From reading the switch to the commit nothing else runs here, so a write is wholly before it or after it."""
        if request.method == "POST" and switches.read_only:
            return _READ_ONLY
        worker = self._next_worker()
        if not worker:
            return Reply(502, {"error": "no worker is ready"})
        if switches.engine == "new" and self._running[worker] != BOTH_DRIVERS:
            return Reply(500, {"error": f"{worker} has no driver for the new database"})
        fault = "the new side lost it" if self._dice.random() < self._incident(switches).failing else ""
        try:
            reply = self._served(request, switches.engine, fault)
        except (OrderFailed, sqlite3.Error) as trouble:
            return Reply(500, {"error": str(trouble)})
        except (ValueError, KeyError) as trouble:
            return Reply(400, {"error": str(trouble)})
        return Reply(reply.status, reply.content, {"x-engine": switches.engine, "x-worker": worker})

    def _served(self, request: Request, engine: str, fault: str) -> Reply:
        words = request.path.strip("/").split("/")
        match (request.method, *words):
            case ("POST", "orders"):
                asked = request.json()
                facts = {"customer": int(asked["customer"]), "cents": int(asked["cents"]), "note": asked.get("note")}
                return Reply(201, {"order": self._book.place(engine, facts, fault)})
            case ("POST", "orders", order, "pay"):
                return Reply(200, {"paid": self._book.pay(engine, int(order), fault)})
            case _ if fault:
                raise OrderFailed(fault)
            case ("GET", "orders", order):
                row = self._book.read(engine, int(order))
                return Reply(200, list(row)) if row else Reply(404, {"error": "no such order"})
            case ("GET", "orders"):
                return Reply(200, self._book.newest(engine))
            case _:
                return Reply(405, {"error": "orders are read, placed or paid"})

    def _incident(self, switches: Switches) -> Incident:
        return incident_of(switches.incident) if switches.engine == "new" else CALM

    # ------------------------------------------------------------ workers

    def _restart_changed(self, switches: Switches) -> None:
        for worker, release in switches.releases.items():
            if self._running.get(worker) != release:
                self._running[worker] = release
                self._ready[worker] = time.monotonic() + _RESTART_SECONDS

    def _next_worker(self) -> str:
        now = time.monotonic()
        return next((w for w in itertools.islice(self._turn, len(WORKERS)) if self._ready[w] <= now), "")

    # ------------------------------------------------------------ about the shop

    def _about(self, request: Request, switches: Switches) -> Reply:
        pages: dict[str, Callable[[], Reply]] = {
            "/health": lambda: Reply(200, {"status": "ok", "engine": switches.engine, "read_only": switches.read_only}),
            "/selftest": lambda: self._selftest(request, switches),
            "/status": lambda: Reply(200, self._status(switches)),
            "/metrics": lambda: self._metrics(switches),
            "/api/v1/query": lambda: self._query(request.query.get("query", ""), switches),
        }
        pages |= {f"/workers/{worker}/health": partial(self._worker_health, worker) for worker in WORKERS}
        page = pages.get(request.path)
        return page() if page else Reply(404, {"error": "no such page"})

    def _worker_health(self, worker: str) -> Reply:
        ready = self._ready[worker] <= time.monotonic()
        facts = {"worker": worker, "release": self._running[worker], "status": "ok" if ready else "starting"}
        return Reply(200 if ready else 503, facts)

    def _selftest(self, request: Request, switches: Switches) -> Reply:
        """Reads, and with `write=dry` writes and takes it back, in the database that serves."""
        facts: dict[str, object] = {"engine": switches.engine, "read_only": switches.read_only}
        try:
            facts["rows"] = self._book.count(switches.engine)
            if request.query.get("write") == "dry":
                facts["write"] = self._book.could_write(switches.engine)
        except sqlite3.Error as trouble:
            return Reply(500, facts | {"error": str(trouble)})
        return Reply(200, facts)

    def _values(self, switches: Switches) -> dict[str, float | None]:
        now = self._readings.now()
        try:
            rows: int | None = self._book.count(switches.engine)
        except sqlite3.Error:
            rows = None
        return {
            "requests_per_second": now.requests_per_second,
            "error_percent": now.error_percent,
            "p95_milliseconds": now.p95_milliseconds,
            "refused_per_second": now.refused_per_second,
            "connections": self.connections,
            "rows": rows,
            "feed_lag": self._book.pending(),
        }

    def _status(self, switches: Switches) -> dict[str, object]:
        facts = {"engine": switches.engine, "read_only": switches.read_only, "releases": self._running}
        return facts | self._values(switches)

    def _metrics(self, switches: Switches) -> Reply:
        if self._incident(switches).spoils == "metrics":
            return Reply(503, {"error": "the exporter does not answer"})
        return Reply(200, as_prometheus(self._values(switches), self._readings.totals, switches.engine))

    def _query(self, name: str, switches: Switches) -> Reply:
        if self._incident(switches).spoils == "metrics":
            return Reply(503, {"error": "the exporter does not answer"})
        value = self._values(switches).get(name.removeprefix("orders_"))
        sample = {"metric": {"__name__": name}, "value": [time.time(), str(value)]}
        data = {"resultType": "vector", "result": [] if value is None else [sample]}
        return Reply(200, {"status": "success", "data": data})
