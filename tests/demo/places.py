"""What a test does to an estate: the tool as a process, the SQL of the shipped runbook, questions to the shop."""

import json
import os
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from typing import Any

import yaml

from app.demo.layout import RUNBOOK, Layout
from app.shipped import runbooks_dir


@cache
def shipped_steps() -> dict[str, dict[str, Any]]:
    """The steps of the demo's runbook by id."""
    runbook = yaml.safe_load((runbooks_dir() / RUNBOOK).read_text())
    return {step["id"]: step for phase in runbook["phases"] for step in phase["steps"]}


def until(asked: Callable[[], bool], seconds: float = 10) -> None:
    """Returns as soon as it is so; fails the test when it never is."""
    deadline = time.monotonic() + seconds
    while not asked():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.02)


class Shopkeeper:
    """Somebody with the tool, a SQL prompt and a browser."""

    def __init__(self, layout: Layout, port: int = 0) -> None:
        self.layout = layout
        self.port = port

    def ctl(self, *words: str, ticket: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the tool as a step would."""
        environment = {key: value for key, value in os.environ.items() if key != "TMINUS_TICKET"}
        if ticket:
            environment["TMINUS_TICKET"] = ticket
        command = ["sh", str(self.layout.orderctl), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def sql(self, side: str, step: str, undo: int | None = None) -> None:
        """Runs the statements of a step of the shipped runbook, or of one of its undos."""
        found = shipped_steps()[step] if undo is None else shipped_steps()[step]["undo"][undo]
        assert found["sql"]["db"] == side
        link = sqlite3.connect(self.layout.old if side == "old" else self.layout.new)
        try:
            link.executescript(found["sql"]["run"])
        finally:
            link.close()

    def rows(self, side: str, text: str) -> list[tuple[Any, ...]]:
        """Asks one of the databases; whatever the text changes is kept."""
        link = sqlite3.connect(self.layout.old if side == "old" else self.layout.new, timeout=20)
        try:
            with link:
                return link.execute(text).fetchall()
        finally:
            link.close()

    def get(self, path: str) -> tuple[int, Any]:
        """Status and content of a page of the shop; JSON where it is JSON."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, **facts: object) -> tuple[int, Any]:
        """Status and content of an answer to a write."""
        body = json.dumps(facts).encode()
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method="POST"))

    def _ask(self, request: urllib.request.Request) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                status, text = refusal.code, refusal.read().decode()
        return status, json.loads(text) if text.startswith(("{", "[")) else text
