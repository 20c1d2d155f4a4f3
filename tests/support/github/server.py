"""The stand-in over HTTP, on a loopback port."""

import json
import re
import socket
import struct
import sys
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Event, RLock, Thread
from typing import Any, NamedTuple

from tests.support.github.answers import Answer
from tests.support.github.faults import (
    ConcurrentChange,
    Fault,
    FaultPlan,
    Faults,
    Reset,
    Stall,
    Status,
    Truncate,
)
from tests.support.github.service import Request, Service, Violation

_JSON = "application/json; charset=utf-8"


class Logged(NamedTuple):
    """A request and its outcome; status 0 is an answer that never came whole."""

    method: str
    path: str
    status: int


class Server(ThreadingHTTPServer):
    """One thread for each connection, one request at work at a time."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        address: tuple[str, int],
        service: Service,
        faults: Faults,
        tls: SSLContext | None = None,
    ) -> None:
        super().__init__(address, Handler)
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.service = service
        self.faults = faults
        self.requests: list[Logged] = []
        self.lock = RLock()
        self.stopping = Event()
        self._thread = Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Start to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, and release requests that are being stalled."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Fail the test on our own errors; a client that hangs up is no error."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            trace = "".join(traceback.format_exception(error))
            self.service.violations.append(Violation("stand-in", "?", "?", trace))

    def respond(self, request: Request) -> tuple[Answer, FaultPlan | None]:
        """Return the answer, and the fault to apply to it."""
        with self.lock:
            plan = self.faults.next_fault(request.method, request.route)
            answer = self._answer(request, plan)
            whole = plan is None or not isinstance(plan.fault, Reset | Truncate)
            self.requests.append(
                Logged(request.method, request.route, int(answer.status) if whole else 0)
            )
        return answer, plan

    def _answer(self, request: Request, plan: FaultPlan | None) -> Answer:
        """Return the answer; a fault before the work changes no state."""
        if plan and isinstance(plan.fault, ConcurrentChange):
            return self._disturbed(request, plan.fault, after_work=plan.after_work)
        if plan is None or plan.after_work or isinstance(plan.fault, Stall | Truncate):
            answer = self.service.answer(request)
        else:
            answer = Answer(HTTPStatus.BAD_GATEWAY)
        if plan and isinstance(plan.fault, Status):
            answer = Answer(
                plan.fault.code, plan.fault.body, {**answer.headers, **plan.fault.headers}
            )
        return answer

    def _disturbed(self, request: Request, how: ConcurrentChange, *, after_work: bool) -> Answer:
        if not after_work:
            how.change()
        answer = self.service.answer(request)
        if after_work:
            how.change()
        return answer


class Handler(BaseHTTPRequestHandler):
    """Reads one request after another from a connection, and writes the answers."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "GitHubStandIn"
    timeout = 120
    wbufsize = -1  # An answer leaves in one piece: small pieces wait for each other.

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_PATCH(self) -> None:
        self._respond()

    def do_PUT(self) -> None:
        self._respond()

    def do_DELETE(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing: `Server.requests` is the log."""

    def _respond(self) -> None:
        answer, plan = self.server.respond(self._request())
        payload = _payload(answer.body)
        if plan is None or isinstance(plan.fault, Status | ConcurrentChange):
            self._write(answer, payload, payload)
        else:
            self._misbehave(plan.fault, answer, payload)

    def _misbehave(self, how: Fault, answer: Answer, payload: bytes) -> None:
        if isinstance(how, Stall):
            self.server.stopping.wait(how.seconds)
            self._write(answer, payload, payload)
        elif isinstance(how, Truncate):
            self._write(answer, payload, payload[: len(payload) // 2])
            self.close_connection = True
        elif isinstance(how, Reset):
            self._reset(answer, payload, how.after_bytes)

    def _reset(self, answer: Answer, payload: bytes, after_bytes: int) -> None:
        """Close so that the client sees a broken connection, not the end of one."""
        if after_bytes:
            self._write(answer, payload, payload[:after_bytes])
            self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _request(self) -> Request:
        length = int(self.headers.get("Content-Length", 0))
        # To a proxy a client names the whole address; here all addresses are ours.
        path, _, query = re.sub(r"^http://[^/]+", "", self.path).partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        return Request(self.command, path, query, headers, body, self.server.scheme)

    def _write(self, answer: Answer, promised: bytes, written: bytes) -> None:
        self.send_response(answer.status)
        for name, value in _headers(answer, promised).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(written)


def _payload(body: Any) -> bytes:
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _headers(answer: Answer, payload: bytes) -> Mapping[str, str]:
    """Return the headers; an answer without content must not have a length."""
    if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        return answer.headers
    return {"Content-Type": _JSON, **answer.headers, "Content-Length": str(len(payload))}
