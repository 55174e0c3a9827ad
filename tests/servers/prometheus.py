"""How a private Prometheus is run: from the installed binary, on a random loopback port, scraping only itself."""

import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.ports import free_port

MISSING = "Prometheus is not installed (apt-get install --no-install-recommends prometheus)"

_CONFIG = """
global: {{scrape_interval: 200ms}}
scrape_configs:
  - job_name: itself
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""


@contextmanager
def prometheus(binary: str, folder: Path) -> Iterator[str]:
    """Its base address, once it answers; ended by its process id."""
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(_CONFIG.format(port=port))
    command = [
        binary,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _until_ready(url, process, folder / "log")
            yield url
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)


def _until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.05)
