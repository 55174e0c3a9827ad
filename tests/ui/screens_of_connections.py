"""Pictures of Connections and the preflight, on a real sshd and a real PostgreSQL of their own; see screens.py.

python tests/ui/screens_of_connections.py [folder]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

import sqlalchemy as sa

from app.connectors.ssh_trust import Trust
from app.session.secret_room import SecretRoom
from tests.lab import sshd
from tests.servers import postgres
from tests.servers.ports import free_port
from tests.servers.share import Share
from tests.ui.estate import PASSWORD, estate_book, known_as_another
from tests.ui.screens import Studio, dialog, shoot_dialog
from ui.dialogs.secret import SecretDialog
from ui.screens.connections import ConnectionsScreen
from ui.screens.preflight import PreflightScreen


def shoot_connections(studio: Studio, share: Share) -> None:
    """Every state of the two screens that can be made happen."""
    found, server = sshd.binary(), postgres.binaries()
    assert found is not None and server is not None, "the pictures need an sshd and a PostgreSQL"
    lab, url = sshd.lab_at(share.server(sshd.recipe(found))), share.server(postgres.recipe(server))
    os.environ[PASSWORD] = str(sa.make_url(url).password)
    answers = iter(["four random words"] * 9)
    SecretRoom(studio.home, lambda _name: next(answers)).set("reader-pw", "sesame-open")
    book = studio.home / "orders.yaml"
    studio.window.go("connections")
    studio.settle(1)
    studio.shoot("connections-none")
    book.write_text(estate_book(url, lab, free_port()))
    os.environ["TMINUS_VAULT_PASSPHRASE"] = "four random words"
    studio.flows.open(book, "prod")
    studio.wait(lambda: studio.window.place() == "plan")
    studio.window.go("connections")
    screen = studio.window.screen_at("connections")
    assert isinstance(screen, ConnectionsScreen)
    studio.settle(1)
    studio.shoot("connections-untested")
    screen.test_all()
    studio.settle(0.1)
    studio.shoot("connections-testing")
    studio.wait(lambda: not screen.testing)
    studio.settle(1)
    for key in ("host app1", "database src", "secret reader-pw"):
        screen.choose(key)
        studio.settle()
        studio.shoot(f"connections-{key.replace(' ', '-')}")
    screen.choose("host app1")
    screen.ask_trust()
    studio.settle()
    shoot_dialog(studio, "dialog-trust")
    screen.ask_set("reader-pw")
    studio.settle()
    shoot_dialog(studio, "dialog-secret-set")
    known_as_another(lab, Trust(studio.home / "known_hosts"))
    screen.test("host app1")
    studio.wait(lambda: not screen.testing)
    screen.choose("host app1")
    studio.settle(1)
    studio.shoot("connections-changed")
    _shoot_preflight(studio, book)


def _shoot_preflight(studio: Studio, book: Path) -> None:
    studio.flows.open(book, "staging")
    studio.settle(1)
    studio.window.go("plan")
    studio.flows.ask_start()
    studio.settle()
    dialog(studio)
    studio.wait(lambda: studio.window.place() == "preflight")
    for _ in ("deploy", "status-token"):
        studio.wait(lambda: any(one.isVisible() for one in studio.window.findChildren(SecretDialog)))
        studio.settle(0.2)
        studio.shoot("preflight-looking")
        shoot_dialog(studio, "dialog-secret")
    screen = studio.window.screen_at("preflight")
    assert isinstance(screen, PreflightScreen)
    studio.wait(lambda: screen.looked is not None)
    studio.settle()
    studio.shoot("preflight-refused")
    calm = studio.home / "fine.yaml"
    calm.write_text(_FINE)
    studio.flows.open(calm)
    studio.settle(1)
    studio.flows.ask_start()
    studio.settle()
    dialog(studio)
    studio.wait(lambda: screen.looked is not None and screen.verdict.standing.may_start)
    studio.settle()
    studio.shoot("preflight-warned")


_FINE = """
runbook: 1
name: fine
title: A small thing
locks: [orders]
roles: {lead: {people: [ana]}}
phases:
  - id: a
    title: Preparation
    steps:
      - {id: x, title: Look around, owner: lead, est: 1m, check: {text: Is it quiet}}
      - {id: y, title: List the folder, owner: lead, est: 1m, local: {argv: [ls]}, changes: nothing}
rollback: {est: 2m}
"""


def main() -> None:
    """All of them into one folder."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/screens")
    folder.mkdir(parents=True, exist_ok=True)
    share = Share.open()
    studio = Studio(folder)
    try:
        studio.settle(1)
        shoot_connections(studio, share)
    finally:
        studio.window.close()
        share.close()


if __name__ == "__main__":
    main()
