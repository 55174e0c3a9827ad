"""Small runbooks and a small server with which the window's tests make each state happen for real."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

PEOPLE = """
roles:
  lead: {people: [ana]}
  dba: {people: [mei, tom]}
"""


def calm_book(folder: Path) -> str:
    """A check with two items, a command with an undo, a decision of two people, and a last command."""
    return f"""
runbook: 1
name: calm
title: Put a file there
{PEOPLE}
phases:
  - id: prepare
    title: Preparation
    steps:
      - id: ready
        title: Look around
        owner: lead
        est: 1m
        check: {{text: Is everything quiet, items: [the phones, the pager]}}
      - id: put
        title: Put the file there
        owner: lead
        est: 1s
        changes: reversible
        local: {{argv: [sh, -c, 'echo first line; touch "$0"; echo "<b>bold</b> & more"', '{folder}/there']}}
        undo:
          - title: Take the file away
            local: {{argv: [rm, -f, '{folder}/there']}}
  - id: cut
    title: Cutover
    steps:
      - id: really
        title: Really go on
        owner: dba
        decide: {{ask: Shall we go on, by: [dba], need: 1, facts: [put]}}
      - id: last
        title: Say goodbye
        owner: lead
        est: 1s
        changes: nothing
        local: {{argv: [echo, goodbye]}}
rollback: {{to: start, est: 1s}}
"""


def broken_book() -> str:
    """A command that works, then one that fails with words of its own."""
    return f"""
runbook: 1
name: broken
title: Orders copy that breaks
{PEOPLE}
phases:
  - id: copy
    title: Copy
    steps:
      - id: begin
        title: Begin the copy
        owner: dba
        est: 5s
        changes: reversible
        local: {{argv: [echo, 'copying 412 004 rows']}}
        undo:
          - title: Forget the copy
            local: {{argv: [echo, forgotten]}}
      - id: delta
        title: Copy the final delta
        owner: dba
        est: 2m
        text: Copies every row written since the snapshot while the source is read only. Safe to repeat.
        changes: reversible
        local:
          script: |
            echo 'connected source=orders-pg14 target=orders-new'
            echo 'payments 71 500 rows'
            echo 'warn retry 5/5 outbox: lock timeout after 2.0 s' >&2
            echo 'error outbox copy aborted, 6 767 rows missing on target' >&2
            exit 4
        undo: {{none: the copy is forgotten as a whole}}
      - id: count
        title: Verify the row counts
        owner: dba
        est: 20s
        changes: nothing
        local: {{argv: [echo, same]}}
rollback: {{est: 10s}}
"""


def doubtful_book(port: int) -> str:
    """A request that may or may not have been taken: its connection ends after it was sent."""
    return f"""
runbook: 1
name: doubtful
title: Traffic to the new side
{PEOPLE}
environments:
  prod: {{production: true}}
phases:
  - id: cut
    number: 4
    title: Cutover
    steps:
      - id: note-it
        title: Tell the others
        owner: lead
        est: 1s
        changes: reversible
        local: {{argv: [echo, told]}}
        undo:
          - title: Take the notice back
            local: {{argv: [echo, back]}}
      - id: switch
        title: Switch the traffic over
        owner: dba
        est: 30s
        text: The balancer takes the new pool. Orders are read only either way; no customer sees a difference.
        changes: reversible
        http: {{method: POST, url: 'http://127.0.0.1:{port}/pools/new/activate'}}
        undo:
          - title: Switch the traffic back
            local: {{argv: [echo, switched]}}
      - id: look
        title: Look at the new side
        owner: dba
        est: 1m
        changes: nothing
        local: {{argv: [echo, fine]}}
rollback: {{est: 40s}}
"""


LOAD = "  load: {title: Load, local: {argv: [echo, '70']}, every: 200ms, unit: ms}"
AWAY = "  load: {title: Load, local: {argv: [echo, away]}, every: 200ms, unit: ms, no_data: pause}"
HIGH = "  - {id: high, metric: load, when: '> 50ms', do: rollback, owner: dba, auto: true}"
LOOK = "  - {id: glance, metric: load, when: '> 40ms', do: investigate, owner: dba}"
SHADOW = "  - {id: ghost, metric: load, when: '> 50ms', do: rollback, shadow: true}"


def watched_book(metrics: str, triggers: str, within: str = "1h") -> str:
    """A run that soaks for an hour after one step that can be undone."""
    return f"""
runbook: 1
name: watched
roles: {{lead: {{people: [ana, raj]}}, dba: {{people: [mei]}}}}
metrics:
{metrics}
triggers:
{triggers}
phases:
  - id: p
    title: Cutover
    steps:
      - id: a
        title: Put it there
        local: {{argv: ["true"]}}
        changes: reversible
        undo: [{{title: Take it away, local: {{argv: ["true"]}}}}]
      - {{id: soak, title: Soak, wait: {{for: 1h}}}}
rollback: {{to: start, est: 1m, decide: {{by: [lead], within: {within}}}}}
"""


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A loopback port that takes every request and hangs up without a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                taken, _ = listener.accept()
            except TimeoutError:
                continue
            with taken:
                taken.settimeout(1)
                with contextlib.suppress(OSError):
                    taken.recv(65536)

    thread = threading.Thread(target=serve, name="silent-server")
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()
