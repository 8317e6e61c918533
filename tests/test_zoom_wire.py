# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import resource
import socket
import threading
import time
import zlib
from contextlib import suppress
from unittest.mock import patch

from odoo.tests import tagged

from ..exceptions import ZoomError, ZoomOutcomeUnknown, ZoomUnavailable
from ..tools import zoom_http, zoom_wire
from ..tools.zoom_oauth import ZoomOAuth
from .test_zoom_client import ZoomClientCase
from .zoom_simulator import Fault

# Seconds. What a request may take in these tests, and what it takes at most then.
DEADLINE = 0.6
SOON = 5.0


class Seconds:
    """How long something took, on the real clock."""

    def __enter__(self):
        self._begun = time.monotonic()
        return self

    def __exit__(self, *_exception):
        self.taken = time.monotonic() - self._begun


class ServerMixin:
    """Servers that do not speak HTTP as one should."""

    def listen(self, serve):
        """A server of which each connection is given to `serve`; its port."""
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        connections = []
        self.addCleanup(lambda: [one.close() for one in connections])

        def accept():
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                connections.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return server.getsockname()[1]

    def client_of(self, serve, scheme="http"):
        client = self._client()
        client._api_url = f"{scheme}://127.0.0.1:{self.listen(serve)}/v2"
        return client


@tagged("post_install", "-at_install")
class TestDeadline(ServerMixin, ZoomClientCase):
    """However slowly an answer comes: the whole request ends in time."""

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(zoom_http, "DEADLINE", DEADLINE))

    def assert_given_up(self, call, cause):
        with Seconds() as seconds, self.assertRaises(cause):
            call()
        self.assertLess(seconds.taken, SOON)

    def test_answer_that_drips(self):
        for kind in ("drip_head", "drip_body"):
            for method, call in self._calls(self.client):
                if method == "DELETE" and kind == "drip_body":
                    continue  # it has no body
                self.zoom.fail(kind=kind, executes=False, pause=0.2)
                cause = ZoomUnavailable if method == "GET" else ZoomOutcomeUnknown
                with self.subTest(f"{kind} {method}"):
                    self.assert_given_up(call, cause)

    def test_refusal_that_drips_is_not_asked_for_again(self):
        fault = Fault(kind="drip_body", executes=False, pause=0.2, times=None)
        self.zoom.faults.add(fault)

        self.assert_given_up(lambda: self.client.get_user("me"), ZoomUnavailable)
        self.assertEqual(fault.hits, 1)

    def test_token_that_drips(self):
        oauth = ZoomOAuth(self.zoom.url, "id1", "hush")
        for kind in ("drip_head", "drip_body"):
            self.zoom.fail(kind=kind, pause=0.2)
            with self.subTest(kind):
                self.assert_given_up(
                    lambda: oauth.account_credentials("acc1"), ZoomUnavailable
                )
            self.zoom.fail(kind=kind, pause=0.2)
            with self.subTest(kind):
                self.assert_given_up(lambda: oauth.refresh("x"), ZoomOutcomeUnknown)

    def test_answer_that_drips_fast_enough_is_read(self):
        with patch.object(zoom_http, "DEADLINE", 30.0):
            self.zoom.fail(kind="drip_body", pause=0.0001)

            self.assertEqual(self.client.get_user(self.host.id).zoom_id, self.host.id)

    def test_next_request_on_the_connection_has_its_own_time(self):
        self.client.get_user(self.host.id)
        time.sleep(DEADLINE)

        self.assertEqual(self.client.get_user(self.host.id).zoom_id, self.host.id)

    def test_handshake_that_never_ends(self):
        client = self.client_of(lambda one: one.recv(1 << 16), "https")

        self.assert_given_up(lambda: client.get_user("me"), ZoomUnavailable)

    def test_continue_for_ever(self):
        def serve(connection):
            connection.recv(1 << 16)
            with suppress(OSError):
                while True:
                    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    time.sleep(0.05)

        client = self.client_of(serve)

        self.assert_given_up(lambda: client.update_meeting("1", {}), ZoomOutcomeUnknown)

    def test_one_address_after_another_before_the_deadline(self):
        # Given a name of many addresses at which nobody answers
        tried = []

        def connect(address, timeout, **_options):
            tried.append((address[0], timeout))
            time.sleep(min(timeout, 0.2))
            raise TimeoutError

        addresses = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{number}", 443))
            for number in range(1, 100)
        ]
        client = self._client()
        client._api_url = "http://127.0.0.1:9/v2"
        with (
            patch.object(zoom_wire.socket, "getaddrinfo", return_value=addresses),
            patch("urllib3.util.connection.create_connection", connect),
        ):
            self.assert_given_up(
                lambda: client.update_meeting("1", {}), ZoomUnavailable
            )
        self.assertGreater(len(tried), 1)
        self.assertLess(len(tried), 10)


@tagged("post_install", "-at_install")
class TestSize(ZoomClientCase):
    """However much an answer is: a few megabytes are taken of it."""

    def assert_cut(self, fault, call, cause):
        self.zoom.faults.add(fault)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with Seconds() as seconds, self.assertRaises(cause):
            call()
        self.assertLess(seconds.taken, 4 * SOON)
        # in kilobytes
        taken = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        self.assertLess(taken, 100_000)

    def test_body_without_end(self):
        for method, call in self._calls(self.client)[:5]:
            cause = ZoomUnavailable if method == "GET" else ZoomOutcomeUnknown
            for kind in ("endless", "endless_head"):
                with self.subTest(f"{kind} {method}"):
                    self.assert_cut(Fault(kind=kind, executes=False), call, cause)

    def test_answer_without_end_is_not_asked_for_again(self):
        fault = Fault(kind="gzip_bomb", executes=False, times=None)
        self.assert_cut(fault, lambda: self.client.get_user("me"), ZoomUnavailable)
        self.assertEqual(fault.hits, 1)

    def test_little_that_unpacks_to_hundreds_of_megabytes(self):
        # Made before memory is measured.
        Fault(kind="gzip_bomb").apply(None)
        self.assert_cut(
            Fault(kind="gzip_bomb", method="POST"), self._create, ZoomOutcomeUnknown
        )

    def test_packed_answer_is_unpacked(self):
        for encoding in ("gzip", "x-gzip", "deflate", "identity"):
            body = pack(encoding, b'{"id": "u1", "email": "a@example.com"}')
            headers = {"Content-Encoding": encoding}
            self.zoom.fail(kind="body", body=body, headers=headers)

            with self.subTest(encoding):
                self.assertEqual(self.client.get_user("me").zoom_id, "u1")

    def test_answer_that_is_packed_strangely_is_none(self):
        for encoding in ("br", "gzip, gzip", "gzip", "nonsense"):
            headers = {"Content-Encoding": encoding}
            self.zoom.fail(kind="body", body=b"{}", headers=headers)

            with self.subTest(encoding), self.assertRaises(ZoomError):
                self.client.get_user("me")
        self.assertEqual(self.client.get_user(self.host.id).zoom_id, self.host.id)


@tagged("post_install", "-at_install")
class TestBrokenAnswers(ServerMixin, ZoomClientCase):
    """What is no HTTP, after a creation was sent: it may have been executed."""

    def test_creation_is_never_taken_for_not_sent(self):
        created = b"HTTP/1.1 201 Created\r\n"
        chunked = created + b"Transfer-Encoding: chunked\r\n\r\n"
        for raw in (
            b"",
            b"SSH-2.0-x\r\n\r\n",
            b"HTTP/1.1 \xff\xfe\r\n\r\n",
            b"HTTP/1.1 99999999999999999999 x\r\n\r\n",
            created,
            created + b"Content-Length: 1, 2\r\n\r\n{}",
            created + b"Content-Length: -5\r\n\r\n{}",
            created + b"Content-Length: 50\r\n\r\n{}",
            created + b"X: y\r\n" * 1000 + b"\r\n",
            created + b"\x00\xff: \x00\r\n\r\n{",
            chunked,
            chunked + b"zz\r\n{}",
            chunked + b"-1\r\n{}",
            chunked + b"f" * 5000 + b"\r\n{}",
            chunked + b"1\r\n",
        ):

            def serve(connection, raw=raw):
                with suppress(OSError):
                    connection.recv(1 << 16)
                    connection.sendall(raw)
                    connection.shutdown(socket.SHUT_RDWR)

            client = self.client_of(serve)
            with self.subTest(raw[-40:]), self.assertRaises(ZoomOutcomeUnknown):
                client.create_meeting("u1", {})


def pack(encoding, raw):
    """Bytes as HTTP's Content-Encoding says."""
    if encoding == "identity":
        return raw
    packer = zlib.compressobj(wbits=15 if encoding == "deflate" else 31)
    return packer.compress(raw) + packer.flush()
