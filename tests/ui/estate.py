"""A runbook of the window's tests that names databases, hosts and secrets of real servers on loopback."""

from __future__ import annotations

import sqlalchemy as sa

from app.connectors.ssh_trust import HostKey, Trust
from tests.lab.sshd import Lab

PASSWORD = "ESTATE_PW"
"""The variable that holds the password of the database."""


def estate_book(url: str, lab: Lab, other: int, *, param: str = "") -> str:
    """Two databases on one server, three hosts (`other`: a port nobody listens at), four secrets, and a metric."""
    whole = sa.make_url(url)
    at = sa.URL.create(whole.get_backend_name(), whole.username, None, whole.host, whole.port, whole.database)
    here = f"address: 127.0.0.1, user: {lab.user}, key: '{lab.key}'"
    return f"""
runbook: 1
name: orders-move
title: Orders to the new cluster
roles:
  lead: {{people: [ana]}}
  dba: {{people: [mei, tom]}}
{param}
environments:
  staging: {{}}
  prod: {{production: true}}
secrets:
  orders-pw: {{from: env, name: {PASSWORD}}}
  reader-pw: {{from: keyring}}
  deploy-token: {{from: keyring, name: deploy}}
  status-token: {{from: prompt}}
databases:
  src: {{url: '{at.render_as_string()}', password: orders-pw}}
  dst: {{url: 'postgresql://mover@127.0.0.1:{other}/orders', password: reader-pw}}
hosts:
  app1: {{{here}, port: {lab.port}}}
  app2: {{{here}, port: {other}}}
  bak1: {{{here}, port: {lab.port}, via: app1}}
metrics:
  lag: {{title: Lag of the replica, every: 5s, sql: {{db: src, run: select 1}}}}
phases:
  - id: prepare
    title: Preparation
    steps:
      - {{id: quiet, title: Look around, owner: lead, est: 1m, check: {{text: Is everything quiet}}}}
      - id: count
        title: Count the orders
        owner: dba
        est: 10s
        sql: {{db: src, run: select count(*) from orders}}
        changes: nothing
      - id: dump
        title: Final dump
        owner: dba
        est: 4m
        host: {{name: bak1, argv: [sh, -c, 'cat > /dev/null'], stdin: '${{secrets.deploy-token}}'}}
        changes: reversible
        undo:
          - {{title: Remove the dump, host: {{name: bak1, argv: [rm, -f, /tmp/none]}}}}
  - id: cut
    title: Cutover
    steps:
      - id: freeze
        title: Freeze the orders
        owner: dba
        est: 5s
        sql: {{db: src, run: 'alter table orders add frozen text'}}
        changes: reversible
        undo:
          - {{title: Thaw the orders, sql: {{db: src, run: 'alter table orders drop frozen'}}}}
      - id: restart
        title: Restart the shop
        owner: lead
        est: 20s
        host: {{name: app1, argv: ["true"]}}
        changes: reversible
        undo: {{none: a restart is harmless}}
      - id: tell
        title: Tell the status page
        owner: lead
        est: 5s
        local: {{argv: [no-such-program], env: {{TOKEN: '${{secrets.status-token}}'}}}}
        changes: reversible
        undo: {{none: it is told again}}
rollback: {{est: 2m}}
"""


def other_key(lab: Lab) -> HostKey:
    """A key that the laboratory does not have."""
    return HostKey("ssh-ed25519", lab.host_key().blob[:-1] + bytes([lab.host_key().blob[-1] ^ 1]))


def known_as_another(lab: Lab, trust: Trust) -> None:
    """The laboratory is known by a key that it does not have."""
    trust.add("127.0.0.1", lab.port, other_key(lab))
