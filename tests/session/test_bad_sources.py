"""A source gone bad in every way that sources do, in one real run: it is no data each time, and never takes it back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.session import Session, verify_run
from tests.session.conversation import new_run, order, r, stage_is, until, write

MORE = """
roles: {{lead: {{people: [ana]}}}}
metrics:
  errors:
    prometheus: {{url: 'http://127.0.0.1:{port}/metrics', query: errors}}
    unit: '%'
    every: 200ms
    no_data: pause
triggers:
  - {{id: high, metric: errors, when: '> 5%', for: 400ms, max_age: 1s, do: rollback, auto: true}}
rollback: {{to: start, est: 1m, decide: {{by: [lead], within: 1s}}}}
"""
STEPS = """
- id: p
  steps:
    - id: a
      local: {argv: [touch, FOLDER/there]}
      changes: reversible
      undo: [{local: {argv: [rm, -f, FOLDER/there]}}]
    - {id: soak, wait: {for: 1h}, watch: [high]}
"""
MIB = 1 << 20


@dataclass
class Source:
    """A metrics page that says what it is told to say."""

    answer: str = "good"
    let_go: threading.Event = field(default_factory=threading.Event)

    def body(self) -> bytes:
        """The page of this moment."""
        old = int((time.time() - 60) * 1000)
        pages = {
            "good": "errors 1\n",
            "red": "errors 70\n",
            "NaN": "errors NaN\n",
            "infinite": "errors +Inf\n",
            "words": "errors many\n",
            "old": f"errors 70 {old}\n",
            "nothing": "",
            "binary": "\x00\x01errors\x02 70",
        }
        return pages[self.answer].encode()


@contextmanager
def served(source: Source) -> Iterator[int]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if source.answer == "silence":
                source.let_go.wait(60)
                return
            if source.answer == "hang up":
                self.connection.close()
                return
            self.send_response(503 if source.answer == "error" else 200)
            size = 64 * MIB if source.answer == "64 MB" else None
            body = b"" if size or source.answer == "error" else source.body()
            self.send_header("Content-Length", str(size or len(body)))
            self.end_headers()
            self.wfile.write(body)
            for _ in range(64 if size else 0):
                self.wfile.write(b"errors 70\n" * (MIB // 10))

        def log_message(self, *_words: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True  # the console had heard enough

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        source.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


BAD = {
    "NaN": "no number",
    "infinite": "no number",
    "words": "no number",
    "nothing": "no value now",
    "binary": "no value now",
    "64 MB": "larger than",
    "error": "status 503",
    "hang up": "no answer",
    "silence": "",
    "old": "",
}


def goes_bad(session: Session, source: Source, how: str) -> str:
    """The source goes bad: the run holds for want of data, does not go back, and goes on when somebody says so."""
    source.answer = how
    state = until(session, lambda s: s.held, 60)
    assert state.held_by == "trigger high", how
    assert "given no data" in state.held_reason, how
    assert state.triggers["high"].blind, how
    assert state.proposal is None and state.back is None, how
    source.answer = "good"
    source.let_go.set()
    until(session, lambda s: not s.triggers["high"].blind, 60)
    source.let_go.clear()
    session.send(r.Release("ana"))
    until(session, lambda s: not s.held, 30)
    return state.held_reason


def test_every_bad_source_is_no_data_and_good_red_data_after_it_still_takes_the_run_back(tmp_path: Path) -> None:
    source = Source()
    with served(source) as port:
        path = write(tmp_path, STEPS.replace("FOLDER", str(tmp_path)), MORE.format(port=port))
        session = new_run(order(path, tmp_path / "home"))
        try:
            until(session, lambda s: s.step("soak").last is not None and bool(s.metrics), 30)
            for how, said in BAD.items():
                assert said in goes_bad(session, source, how), how
            assert (tmp_path / "there").exists()
            source.answer = "red"
            state = until(session, stage_is("rolled back"), 60)
            assert state.back is not None and state.back.by == "trigger high"
            assert not (tmp_path / "there").exists()
        finally:
            session.detach("the test is over")
    assert verify_run(tmp_path / "home", session.run).ok
