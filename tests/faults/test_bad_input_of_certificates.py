"""A certificate that has expired, or that nobody known here vouches for: told in words, nothing run, nothing sent.

Real certificates of a real authority, made here; real TLS to PostgreSQL, MariaDB and a web server. The table of all
faults stands in test_bad_input_of_hosts.
"""

from __future__ import annotations

import http.server
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, Literal

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.run import events as e
from app.run.state import Status
from tests.contract.databases import Truth
from tests.lab.trial import Trial
from tests.servers import mariadb, postgres
from tests.servers.absent import not_run
from tests.servers.share import SHARE, Recipe

Age = Literal["good", "expired"]
_LABORATORY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "laboratory")])
INSERT = "insert into effect values (:tminus_ticket)"


class Authority:
    """Signs certificates for localhost; `file` is what a client trusts."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _LABORATORY
        self._folder = folder
        self.file = folder / "ca.pem"
        made = self._certificate(self._name, self._key, 3650, x509.BasicConstraints(ca=True, path_length=None))
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        (folder / "ca.key").write_bytes(_pem(self._key))

    @classmethod
    def again(cls, folder: Path) -> Authority:
        """The one that was made there before."""
        same = cls.__new__(cls)
        key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        same._key, same._name, same._folder, same.file = key, _LABORATORY, folder, folder / "ca.pem"
        return same

    def sign(self, age: Age) -> tuple[Path, Path]:
        """(certificate, key) of localhost, valid until tomorrow or until yesterday."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        made = self._certificate(name, key, 1 if age == "good" else -1, alternative)
        cert, secret = self._folder / f"{age}.pem", self._folder / f"{age}.key"
        cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(_pem(key))
        secret.chmod(0o600)
        return cert, secret

    def _certificate(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, days: int, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(extension, critical=name == self._name)
            .sign(self._key, hashes.SHA256())
        )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none)


# ---------------------------------------------------------------- databases


def with_tls(recipe: Recipe) -> Recipe:
    """The same server with a certificate that expired yesterday; the authority's file is the `ca` of its URL."""

    def command(folder: Path, user: str) -> tuple[list[str], str]:
        line, url = recipe.command(folder, user)
        cert, key = Authority(folder).sign("expired")
        for file in (cert, key) if user != "-" else ():
            shutil.chown(file, user)
        if recipe.name == "postgresql":
            line += ["-c", "ssl=on", "-c", f"ssl_cert_file={cert}", "-c", f"ssl_key_file={key}"]
        else:
            line += [f"--ssl-cert={cert}", f"--ssl-key={key}"]
        ca = folder / "ca.pem"
        shutil.copy(ca, folder.parent / f"{recipe.name}-ca.pem")
        ca.chmod(0o644)
        where = {"ca": str(folder.parent / f"{recipe.name}-ca.pem"), "cert": str(cert)}
        return line, sa.make_url(url).update_query_dict(where).render_as_string(hide_password=False)

    return replace(recipe, name=f"{recipe.name}-with-tls", command=command)


class Shop:
    """A database with a table `effect` on a server whose certificate has expired, and its strict URL."""

    def __init__(self, server: sa.URL) -> None:
        self._cert = Path(str(server.query["cert"]))
        self._product = server.get_backend_name()
        self.password = str(server.password)
        ca = server.query["ca"]
        plain = server.set(query={}).set(query={"charset": "utf8mb4"} if self._product == "mysql" else {})
        if self._product == "mysql":
            Truth(plain.render_as_string(hide_password=False)).run("CREATE DATABASE IF NOT EXISTS shop")
            plain = plain.set(database="shop")
        self.truth = Truth(plain.render_as_string(hide_password=False))
        self.truth.run("DROP TABLE IF EXISTS effect")
        self.truth.run("CREATE TABLE effect (ticket varchar(100))")
        checks = f"ssl_ca={ca}" if self._product == "mysql" else f"sslmode=verify-full&sslrootcert={ca}"
        self.url = f"{self._product}://{server.username}@localhost:{server.port}/{plain.database}?{checks}"

    def renew(self) -> None:
        """A certificate of the same authority that is valid, in the place of the other."""
        folder = self._cert.parent
        cert, key = Authority.again(folder).sign("good")
        for old, new in ((self._cert, cert), (self._cert.with_suffix(".key"), key)):
            old.write_bytes(new.read_bytes())  # in place: owner and mode stay
        self.truth.run("SELECT pg_reload_conf()" if self._product == "postgresql" else "FLUSH SSL")


@pytest.fixture(params=["postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest) -> Shop:
    if request.param == "postgresql":
        found = postgres.binaries()
        recipe = postgres.recipe(found) if found else not_run(postgres.MISSING)
    else:
        programs = mariadb.binaries()
        recipe = mariadb.recipe(programs) if programs else not_run(mariadb.MISSING)
    return Shop(sa.make_url(request.config.stash[SHARE].server(with_tls(recipe))))


def test_an_expired_certificate_of_a_database_is_told_and_a_renewed_one_goes_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PW", shop.password)
    more = f"secrets: {{pw: {{from: env, name: SHOP_PW}}}}\ndatabases: {{db: {{url: '{shop.url}', password: pw}}}}"
    with Trial(tmp_path, tmp_path / "home", more) as trial:
        body = f'sql: {{db: db, run: "{INSERT}"}}'
        session = trial.step(body, changes="reversible", undo="{none: harmless}")
        trial.go(session)
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "nothing was run" in said and "certificate" in said and "expired" in said, said
        assert shop.truth.count("SELECT count(*) FROM effect") == 0
        shop.renew()
        state = trial.again(session)
        assert shop.truth.one("SELECT ticket FROM effect") == f"{state.run}/s/2"


# ---------------------------------------------------------------- the web


class _Counts(http.server.BaseHTTPRequestHandler):
    seen: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.seen.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Nothing: standard error is the test's."""


@contextmanager
def web(cert: tuple[Path, Path]) -> Iterator[int]:
    """An HTTPS server; its port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Counts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*cert)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("age", "trusted", "words"),
    [("expired", True, "has expired"), ("good", False, "unable to get local issuer"), ("good", True, "")],
)
def test_a_web_server_is_sent_nothing_unless_its_certificate_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: Age, *, trusted: bool, words: str
) -> None:
    authority = Authority(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    _Counts.seen.clear()
    with web(authority.sign(age)) as port, Trial(tmp_path, tmp_path / "home") as trial:
        session = trial.step(f"http: {{method: POST, url: 'https://localhost:{port}/charge'}}", changes="nothing")
        trial.go(session)
        if not words:
            trial.finished(session)
            assert _Counts.seen == ["/charge"]
            return
        trial.see(session, Status.FAILED)
        said = trial.says(session, e.StepFailed)
        assert "certificate does not hold" in said and words in said, said
        assert not _Counts.seen
