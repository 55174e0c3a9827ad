"""Secrets on the way to a host, with logging turned up to the end: not one byte of them is written anywhere."""

from __future__ import annotations

import base64
import logging
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from app.errors import Refused
from app.session import Session
from tests.lab.books import home_for
from tests.lab.sshd import Lab
from tests.session.conversation import new_run, order, stage_is, until, write

CANARIES = {
    "KEY_PW": "canary-key pass/7731",
    "APP_PW": "canary-app'pw\"$x`9",
    "IN_PW": "canary-stdin+4410==",
    "LOGIN_PW": "canary-login 8812",
}
_SECRETS = "secrets:\n" + "".join(f"  {name.lower()}: {{from: env, name: {name}}}\n" for name in CANARIES)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """Everything that any library logs, down to DEBUG."""
    file = tmp_path / "debug.log"
    handler = logging.FileHandler(file)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield file
    root.setLevel(before)
    root.removeHandler(handler)
    handler.close()


@pytest.fixture(autouse=True)
def known_values(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


def forms(secret: str) -> set[bytes]:
    raw = secret.encode()
    found = {
        raw,
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        raw.hex().encode(),
        secret.encode("utf-16-le"),
    }
    return found | {base64.b64encode(raw[skip:])[:-4] for skip in range(3)}


def found_in(folder: Path) -> list[str]:
    """Where a canary stands in any form, in any file below."""
    return [
        f"{name} in {path}"
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
        for name, value in CANARIES.items()
        if any(form in path.read_bytes() for form in forms(value))
    ]


def locked(lab: Lab, folder: Path) -> Path:
    key = folder / "locked"
    shutil.copy(lab.key, key)
    key.chmod(0o600)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", CANARIES["KEY_PW"], "-f", str(key)]
    subprocess.run(change, check=True, capture_output=True)
    return key


def books(lab: Lab, folder: Path, phases: str, more: str) -> tuple[Path, Path]:
    home = home_for(lab, folder)
    host = f"hosts:\n  web: {{address: 127.0.0.1, port: {lab.port}, user: {lab.user}, {more}}}\n"
    return write(folder, phases, host + _SECRETS), home


def test_no_secret_is_written_on_the_way_to_a_host(lab: Lab, tmp_path: Path, log: Path) -> None:
    phases = """
    - id: p
      steps:
        - id: quiet
          host: {name: web, script: 'printf %s "$PW" | wc -c; cat | wc -c', env: {PW: "${secrets.app_pw}"},
            stdin: "${secrets.in_pw}"}
          changes: nothing
        - id: loud
          host: {name: web, script: 'printf %s "$PW"; printf %s "$PW" | base64 >&2', env: {PW: "${secrets.app_pw}"}}
          changes: nothing
    """
    (tmp_path / "keys").mkdir()
    path, home = books(lab, tmp_path, phases, f"key: '{locked(lab, tmp_path / 'keys')}', passphrase: key_pw")
    session = new_run(order(path, home))
    try:
        state = until(session, stage_is("finished"), 40)
    finally:
        session.detach()
    _said(session, str(len(CANARIES["APP_PW"])))
    assert found_in(home) == [] and found_in(log.parent) == []
    quiet = lab.folder / "home" / ".tminus" / "commands"
    folders = [one for one in quiet.iterdir() if one.name.startswith(state.run) and "quiet" in one.name]
    assert folders and [where for one in folders for where in found_in(one)] == []
    assert "paramiko" not in log.read_text()


def test_a_refused_login_writes_no_password(lab: Lab, tmp_path: Path, log: Path) -> None:
    phases = "- {id: p, steps: [{id: a, host: {name: web, argv: [id]}, changes: nothing}]}"
    path, home = books(lab, tmp_path, phases, "key: /nonexistent, password: login_pw")
    with pytest.raises(Refused) as told:
        new_run(order(path, home))
    assert "canary" not in repr(told.value) and "the password login_pw" in str(told.value)
    chain: list[str] = []
    trouble: BaseException | None = told.value
    while trouble is not None:
        chain += [repr(trouble), repr(trouble.args)]
        trouble = trouble.__cause__ or trouble.__context__
    assert "canary" not in " ".join(chain)
    assert found_in(tmp_path) == []


def _said(session: Session, word: str) -> None:
    texts = [base64.b64decode(getattr(row.event, "data", "") or "") for row in session.take()]
    assert any(word.encode() in text for text in texts), "the command never had its secret"


def test_a_planted_canary_is_found_in_every_form(tmp_path: Path) -> None:
    for number, form in enumerate(sorted(form for value in CANARIES.values() for form in forms(value))):
        (tmp_path / "one").write_bytes(b"before " + form + b" after")
        assert found_in(tmp_path), number
