"""PySide6 must survive many signal emissions: 6.12.0 aborts on Python 3.11 after a few hundred."""

from __future__ import annotations

import os
import subprocess
import sys

EMIT = """
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Source(QObject):
    flag = Signal(bool)
    text = Signal(str)

app = QCoreApplication([])
source, heard = Source(), []
source.flag.connect(heard.append)
source.text.connect(heard.append)
for i in range(10_000):
    source.flag.emit(True)
    source.text.emit(str(i))
print(len(heard))
"""


def test_ten_thousand_emissions_do_not_end_the_process() -> None:
    # In a process of its own: the fault is an abort, which would take the whole suite with it.
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", EMIT], capture_output=True, text=True, timeout=60, env=env, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "20000"), done.stderr
