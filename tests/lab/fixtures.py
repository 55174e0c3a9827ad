"""What tests of hosts ask for: an sshd, and lines to it that can be broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.lab import sshd
from tests.lab.line import Line
from tests.lab.sshd import Lab
from tests.servers.absent import not_run
from tests.servers.share import SHARE


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Lab:
    """An sshd on loopback that lets whoever runs the tests in."""
    found = sshd.binary()
    if found is None:
        not_run(sshd.MISSING)
    return sshd.lab_at(request.config.stash[SHARE].server(sshd.recipe(found)))


@pytest.fixture(scope="session")
def other_lab(request: pytest.FixtureRequest, lab: Lab) -> Lab:
    """A second sshd with keys of its own, which lets in whoever has the key of the first."""
    found = sshd.binary()
    assert found is not None, "there is a first one"
    other = sshd.lab_at(request.config.stash[SHARE].server(sshd.recipe(found, "sshd-other")))
    (other.folder / "authorized").write_text((lab.folder / "client.pub").read_text())
    return other


@pytest.fixture
def line(lab: Lab) -> Iterator[Line]:
    """A line to the sshd."""
    one = Line(("127.0.0.1", lab.port))
    yield one
    one.close()


@pytest.fixture
def lines() -> Iterator[Callable[[int], Line]]:
    """Makes lines to any port."""
    made: list[Line] = []

    def make(port: int) -> Line:
        made.append(Line(("127.0.0.1", port)))
        return made[-1]

    yield make
    for one in made:
        one.close()
