"""What the canaries fly through: a host, two database servers, a web server that repeats what it hears, a console."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from tests.lab.sshd import Lab

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 240.0

CANARIES = {
    "host-pw": "c4nary-host/p'w\"$x+1",
    "stdin-pw": "c4nary-stdin+4410==%",
    "local-pw": "c4nary local&pw/77",
    "bind-pw": "c4nary-bind'value\\9",
    "pg-pw": "c4nary/pg:p@ss%20w",
    "my-pw": "c4nary?my#p w;ord",
    "head-pw": "c4nary-header-88/ab+c",
    "key-pw": "c4nary key phrase 5",
    "wrong-pw": "c4nary-wrong-pass/0",
    "env": "c4nary-from-environ/2",
    "vault": "c4nary-vault-phrase 1",
}
KEPT = tuple(name for name in CANARIES if name not in ("env", "vault"))
"""Those that the vault file keeps."""

CONSOLE = frozenset({"env", "vault"})
"""Those that the operator gives the console in its environ."""


class Echo(BaseHTTPRequestHandler):
    """Repeats the header in its own headers and in its body, as a careless service does."""

    heard: ClassVar[list[str]] = []

    def do_GET(self) -> None:  # the name is http.server's
        said = str(self.headers.get("Authorization", ""))
        Echo.heard.append(said)
        body = json.dumps({"ok": 1, "you": said}).encode()
        self.send_response(500 if self.path == "/fails" else 200)
        self.send_header("X-You", said)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        with suppress(BrokenPipeError, ConnectionResetError):  # a console that was killed
            self.end_headers()
            self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # the name is http.server's

    def log_message(self, *_: object) -> None:  # nothing of it is wanted
        """Quiet."""


@contextmanager
def echoing() -> Iterator[int]:
    """Its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class Console:
    """One machine of one operator: a home, a folder for temporary files, and a command line that logs everything."""

    folder: Path
    said: bytes = b""
    codes: dict[str, int] = field(default_factory=dict)
    ends: list[int] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "user" / "tminus"

    def start(self, *words: str, crash: str = "") -> subprocess.Popen[bytes]:
        """A verb in a process of its own, which may be killed."""
        code = [sys.executable, "-X", "dev", str(ROOT / "tests" / "canary" / "loud.py"), *words]
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("TMINUS_", "XDG_"))}
        environ |= {
            "HOME": str(self.folder / "user"),
            "TMPDIR": str(self.folder / "tmp"),
            "TMINUS_HOME": str(self.home),
            "TMINUS_LOUD": str(self.folder / "loud.log"),
            "TMINUS_LOUD_ROOT": str(ROOT),
            "TMINUS_DEBUG": "1",
            "TMINUS_VAULT_PASSPHRASE": CANARIES["vault"],
            "CANARY_ENV": CANARIES["env"],
            "USER": "ana",
            "LOGNAME": "ana",
        }
        environ |= {"TMINUS_LOUD_CRASH": crash} if crash else {}
        return subprocess.Popen(
            code, env=environ, cwd=self.folder / "work", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def __call__(self, *verbs: str, typed: str = "", crash: str = "") -> str:
        """Run verbs one after the other to their ends; what they printed, which is kept, as are their codes."""
        return self.ended(self.start(" --- ".join(verbs), crash=crash), typed)

    def ended(self, process: subprocess.Popen[bytes], typed: str = "") -> str:
        """Wait for it."""
        out, err = process.communicate(typed.encode(), timeout=DEADLINE)
        self.said += out + err
        self.ends.append(process.returncode)
        for line in out.decode("utf-8", "replace").splitlines():
            if line.startswith("=== "):
                code, verb, *words = line.removeprefix("=== ").split(" ")
                self.codes[f"{verb} {Path(words[0]).stem}" if words else verb] = int(code)
        return (out + err).decode("utf-8", "replace")


def locked_key(lab: Lab, folder: Path) -> Path:
    """The laboratory's key under a passphrase."""
    key = folder / "locked"
    shutil.copy(lab.key, key)
    key.chmod(0o600)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "first one", "-f", str(key)]
    subprocess.run(change, check=True, capture_output=True)
    from cryptography.hazmat.primitives import serialization as ser

    opened = ser.load_ssh_private_key(key.read_bytes(), b"first one")  # no program that shows its arguments to all
    lock = ser.BestAvailableEncryption(CANARIES["key-pw"].encode())
    key.write_bytes(opened.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, lock))
    return key


def login(url: str, name: str) -> sa.URL:
    """Makes a user whose password is a canary, and gives the URL it logs in with; the password is not in it."""
    at = sa.make_url(url)
    user = f"canary_{name}_{os.getpid()}"
    engine = sa.create_engine(at, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    table = "create table t (v varchar(100) primary key)"
    with engine.connect() as connection:
        word = CANARIES[f"{name}-pw"].replace("'", "''").replace("%", "%%").replace(":", "\\:")
        if name == "pg":
            made = [f"create role {user} superuser login password '{word}'", table]
        else:
            word = word.replace("\\:", ":").replace("%%", "%")
            made = [f"create user '{user}'@'127.0.0.1' identified by '{word}'",
                    f"grant all on *.* to '{user}'@'127.0.0.1'", table]  # fmt: skip
        for statement in made:
            connection.exec_driver_sql(statement.replace("\\:", ":"))
    engine.dispose()
    return sa.URL.create(at.get_backend_name(), user, None, "127.0.0.1", at.port, at.database)


def forget(url: str, user: str) -> None:
    """The user goes with the test."""
    at = sa.make_url(url)
    engine = sa.create_engine(at, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if at.get_backend_name() == "postgresql":
            connection.exec_driver_sql(f"drop owned by {user}")
            connection.exec_driver_sql(f"drop role {user}")
        else:
            connection.exec_driver_sql(f"drop user '{user}'@'127.0.0.1'")
    engine.dispose()


@dataclass(frozen=True)
class Estate:
    """What a runbook is about."""

    lab: Lab
    folder: Path
    pg: sa.URL
    my: sa.URL
    web: int

    def book(self, name: str, steps: str = "", pg_password: str = "pg-pw") -> str:
        """A runbook file with these steps, or with all of `steps.yaml`; its path."""
        key = self.folder / "locked"
        here = Path(__file__).parent
        words = {
            "SSHPORT": str(self.lab.port),
            "SSHUSER": self.lab.user,
            "KEY": str(key if key.exists() else locked_key(self.lab, self.folder)),
            "PGURL": self.pg.render_as_string(),
            "PGPW": pg_password,
            "MYURL": self.my.render_as_string(),
            "WEBPORT": str(self.web),
            "PYTHON": sys.executable,
            "GO": str(self.folder / "go"),
        }
        shout = textwrap.indent((here / "shout.sh").read_text(), "      ").rstrip()
        listed = textwrap.indent(steps or (here / "steps.yaml").read_text().replace("@SHOUT@", shout), "      ")
        text = (here / "canary.yaml").read_text().replace("@STEPS@", f"\n{listed}")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        path = self.folder / "work" / f"{name}.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)
