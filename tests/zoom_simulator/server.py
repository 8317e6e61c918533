# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The HTTP server: one thread per connection, connections stay open."""

import http.server
import socket
import socketserver
import sys
import threading
import time
from urllib.parse import parse_qsl, urlsplit

from . import control, join, oauth, rest
from .messages import TEXT_TYPE, Answer, Request
from .state import RequestLog


class Server(http.server.ThreadingHTTPServer):
    """Listens on loopback only; ``stop`` closes open connections, too."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 512

    def __init__(self, simulator, port):
        self.simulator = simulator
        self._connections = set()
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self):
        """As the base class, without asking the resolver for a host name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def start(self):
        run = threading.Thread(
            target=self.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="zoom-simulator",
            daemon=True,
        )
        run.start()

    def stop(self):
        self.shutdown()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            _close(connection)

    def process_request(self, request, client_address):
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """Clients that went away are no news; all else is."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(http.server.BaseHTTPRequestHandler):
    """Reads a request completely, lets it be answered, writes it in one go."""

    protocol_version = "HTTP/1.1"
    server_version = "ZoomSimulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: head and body leave in one piece

    def handle_any(self):
        request = self._read()
        simulator = self.server.simulator
        if request.path.startswith("/_simulator/"):
            answer = control.handle(simulator, request)
        elif request.path.startswith((rest.PREFIX + "/", "/oauth/")):
            answer = answer_as_zoom(simulator, request)
        elif request.path.startswith(join.PREFIXES):
            answer = join.handle(simulator, request)
        else:
            answer = Answer(404, "Not Found", content_type=TEXT_TYPE)
        if answer.delay:
            time.sleep(answer.delay)
        if answer.dropped:
            self.close_connection = True
            _close(self.connection)
            return
        self._write(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

    def _read(self):
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, True)),
            self.headers,
            self.rfile.read(length),
        )

    def _write(self, answer):
        if answer.drip or answer.endless:
            self.close_connection = True
            self._write_oddly(answer)
            return
        content = answer.content()
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(content)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.status != 204:
            self.wfile.write(content)
        self.wfile.flush()

    def _write_oddly(self, answer):
        """Slowly, or without end; for as long as somebody reads."""
        content = answer.content()
        head = f"HTTP/1.1 {answer.status} OK\r\nContent-Type: {answer.content_type}\r\n"
        head += "Connection: close\r\n"
        if answer.endless == "head":
            self._repeat(head.encode() + b"X-Long: ", b"x" * 60_000)
        elif answer.endless:
            head += "Transfer-Encoding: chunked\r\n\r\n"
            piece = b" " * 60_000
            self._repeat(head.encode(), b"%x\r\n%s\r\n" % (len(piece), piece))
        else:
            head = f"{head}Content-Length: {len(content)}\r\n\r\n".encode()
            where, pause = answer.drip
            if where == "body":
                self.connection.sendall(head)
            for byte in content if where == "body" else head + content:
                self.connection.sendall(bytes((byte,)))
                time.sleep(pause)

    def _repeat(self, begin, piece):
        self.connection.sendall(begin)
        while True:
            self.connection.sendall(piece)

    def log_message(self, *_arguments):
        """Requests are kept in ``ZoomSimulator.requests``, not printed."""


def answer_as_zoom(simulator, request):
    """Let Zoom answer, with the faults that wait for this request.

    The log has the request before its answer leaves, so that whoever has the
    answer (or gave up waiting) finds it there.
    """
    state = simulator.state
    is_rest = request.path.startswith(rest.PREFIX)
    with state.lock:
        log = RequestLog(
            method=request.method,
            path=request.path,
            query=request.query,
            body=request.body_for_log(),
            authorization_kind=request.authorization[0],
            user_agent=request.headers.get("User-Agent") or "",
            accept=request.headers.get("Accept") or "",
            at=simulator.clock.now(),
            host_id=rest.host_id_of(simulator, request) if is_rest else None,
        )
    fault = simulator.faults.take(request.method, request.path, log.host_id)
    answer = None
    if fault is None or fault.executes:
        answer = (rest if is_rest else oauth).handle(simulator, request, log)
    if fault is not None:
        answer = fault.apply(answer)
    log.status = None if answer.dropped else answer.status
    with state.lock:
        state.requests.append(log)
    if is_rest:
        answer.delay += simulator.latency
    return answer


def _close(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # the other side was faster
