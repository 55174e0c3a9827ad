"""Two small applications and the gateway before them, on the loopback interface, with the tool that moves a route."""

import json
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROUTES = ("catalogue", "cart", "checkout")
_TOOL = """#!{python} -S
import sys, urllib.request
gateway, route, name = sys.argv[1:]
request = urllib.request.Request(f"http://{{gateway}}/routes/{{route}}/{{name}}", data=b"", method="POST")
print(urllib.request.urlopen(request, timeout=10).read().decode())
"""


class Gateway:
    """Decides per route which application answers. `broken` are routes that the new application cannot answer."""

    def __init__(self, broken: tuple[str, ...]) -> None:
        self.routes = dict.fromkeys(ROUTES, "express")
        self.history: list[tuple[str, str]] = []
        self.broken = broken
        self.backends: dict[str, int] = {}
        self.port = 0

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def answer(self, method: str, path: str) -> tuple[int, dict[str, object], str]:
        """Status, content, and which application it came from."""
        match (method, *path.strip("/").split("/")):
            case ("POST", "routes", route, name):
                for moved in ROUTES if route == "all" else (route,):
                    self.routes[moved] = name
                self.history.append((route, name))
                return 200, dict(self.routes), "gateway"
            case ("GET", "status"):
                count = sum(name == "fastify" for name in self.routes.values())
                return 200, {"moved": count, "error_percent": 0.0}, "gateway"
            case ("GET", "backends", name, "health"):
                return self._forward(name, "health")
            case ("GET", route, "health") if route in self.routes:
                return self._forward(self.routes[route], route)
        return 404, {}, "gateway"

    def application(self, name: str, path: str) -> tuple[int, dict[str, object], str]:
        """What an application itself answers."""
        wrong = name == "fastify" and path.strip("/") in self.broken
        return (500, {"status": "wrong"}, name) if wrong else (200, {"status": "ok"}, name)

    def _forward(self, name: str, path: str) -> tuple[int, dict[str, object], str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.backends[name]}/{path}", timeout=10) as answer:
                return answer.status, json.load(answer), name
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, {}, name


@contextmanager
def open_gateway(broken: tuple[str, ...] = ()) -> Iterator[Gateway]:
    """Three real servers; all are closed at the end."""
    gateway = Gateway(broken)
    with ExitStack() as stack:
        for name in ("express", "fastify"):
            gateway.backends[name] = stack.enter_context(_serving(_Application, gateway, name))
        gateway.port = stack.enter_context(_serving(_Front, gateway, ""))
        yield gateway


def write_tool(folder: Path) -> Path:
    """`routectl GATEWAY ROUTE NAME`."""
    tool = folder / "routectl"
    tool.write_text(_TOOL.format(python=sys.executable))
    tool.chmod(0o755)
    return tool


class _Server(ThreadingHTTPServer):
    gateway: Gateway
    name: str


class _Front(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._send(*self._answer("GET"))

    def do_POST(self) -> None:
        self._send(*self._answer("POST"))

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def _answer(self, method: str) -> tuple[int, dict[str, object], str]:
        return self.server.gateway.answer(method, self.path)

    def _send(self, status: int, content: dict[str, object], name: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-served-by", name)
        self.end_headers()
        self.wfile.write(body)


class _Application(_Front):
    def _answer(self, method: str) -> tuple[int, dict[str, object], str]:
        return self.server.gateway.application(self.server.name, self.path)


@contextmanager
def _serving(kind: type[_Front], gateway: Gateway, name: str) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), kind)
    server.gateway, server.name = gateway, name
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
