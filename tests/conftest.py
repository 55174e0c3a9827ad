"""What every test stands on: an environment of its own, real servers on demand, and a loud end for what cannot run."""

import os

import hypothesis
import pytest

from tests.servers import absent
from tests.servers.share import SHARE, Share

pytest_plugins = ["tests.servers.fixtures", "tests.lab.fixtures"]

# No deadline: two busy cores make any one example slow now and then. The blob lets anybody run a failure again.
hypothesis.settings.register_profile("tminus", deadline=None, print_blob=True)
hypothesis.settings.load_profile("tminus")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run (or join it as a worker) and keep it away from the person whose machine this is."""
    share = Share.join() if hasattr(config, "workerinput") else Share.open()
    config.stash[SHARE] = share
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["TMINUS_HOME"] = str(share.folder / f"home-{worker}")
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End every server that this run started."""
    if not hasattr(config, "workerinput") and SHARE in config.stash:
        config.stash[SHARE].close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count what could not run."""
    absent.summarize(terminalreporter)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """`@pytest.mark.anyio` tests run on asyncio, as the product does."""
    return "asyncio"
