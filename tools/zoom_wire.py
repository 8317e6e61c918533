# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""What HTTP itself leaves open: how long an answer may take in all, and how long it is.

The timeouts of `requests` are for each byte: whoever sends one now and then is waited
for without end.
"""

import io
import socket
import threading
import time
import zlib
from http.client import HTTPResponse

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError

# Bytes of an answer, as sent and as unpacked. A page of 300 users has 300,000.
MAX_ANSWER = 4 << 20
_PIECE = 1 << 16
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS

_local = threading.local()


class AnswerTooLarge(OSError):
    """It does not end within MAX_ANSWER."""


class AnswerPackedStrangely(OSError):
    """The body cannot be unpacked."""


def set_deadline(moment):
    """When the requests that this thread makes from now on must have ended.

    :param float moment: of the monotonic clock
    """
    _local.deadline = moment


def limit_connections(manager):
    """Let the connections that this manager makes keep to the limits of this file.

    :param urllib3.PoolManager manager:
    """
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def read_body(response):
    """The whole body, unpacked.

    :param requests.Response response: streamed
    :rtype: bytes
    :raise OSError: too long, or broken off
    """
    content = bytearray()
    try:
        unpack = _get_unpacker(response.headers.get("Content-Encoding", ""))
        for piece in response.raw.stream(_PIECE, decode_content=False):
            content += unpack(piece, MAX_ANSWER + 1 - len(content))
            if len(content) > MAX_ANSWER:
                raise AnswerTooLarge
    except BaseException:
        # What is left of it would be taken for the next answer.
        response.close()
        raise
    return bytes(content)


def _get_unpacker(encoding):
    """A function of packed bytes and of how many may come out of them."""
    if encoding.strip().lower() in ("", "identity"):
        return lambda piece, _most: piece
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise AnswerPackedStrangely
    packed = zlib.decompressobj(_ZLIB_OR_GZIP)

    def unpack(piece, most):
        try:
            return packed.decompress(piece, most)
        except zlib.error:
            raise AnswerPackedStrangely from None

    return unpack


def _time_left():
    """Seconds to the deadline.

    :raise TimeoutError: it is over
    """
    left = getattr(_local, "deadline", float("inf")) - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline")
    return left


class _TimedFile(io.RawIOBase):
    """Reads one answer from a socket: no longer than is left, no more than it may be.

    Headers and the lines between chunks included.
    """

    def __init__(self, sock):
        self._received = 0
        self._sock = sock
        self._timeout = sock.gettimeout()
        self._file = sock.makefile("rb", buffering=0)

    def readable(self):
        return True

    def readinto(self, buffer):
        left = _time_left()
        longest = left if self._timeout is None else min(self._timeout, left)
        self._sock.settimeout(longest)
        count = self._file.readinto(buffer)
        self._received += count or 0
        if self._received > MAX_ANSWER:
            raise AnswerTooLarge
        return count

    def close(self):
        if not self.closed:
            if self._sock.fileno() >= 0:
                # for the next request on this connection
                self._sock.settimeout(self._timeout)
            self._file.close()
        return super().close()


class _TimedSocket:
    """What http.client wants of a socket to read an answer from it."""

    def __init__(self, sock):
        self._sock = sock

    def makefile(self, _mode):
        return io.BufferedReader(_TimedFile(self._sock))


class _TimedResponse(HTTPResponse):
    def __init__(self, sock, *args, **kwargs):
        super().__init__(_TimedSocket(sock), *args, **kwargs)


class _TimedConnection:
    response_class = _TimedResponse

    def _new_conn(self):
        """Connect to one address after another, all of them before the deadline."""
        name, longest = self._dns_host, self.timeout
        try:
            found = socket.getaddrinfo(name, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            # urllib3 tells it in its own words.
            return super()._new_conn()
        addresses = list(dict.fromkeys(address[4][0] for address in found))
        try:
            for address in addresses:
                self._dns_host = address
                self.timeout = self._get_patience(longest)
                try:
                    return super()._new_conn()
                except (OSError, ConnectTimeoutError):
                    if address == addresses[-1]:
                        raise
        finally:
            self._dns_host, self.timeout = name, longest
        return None

    def _get_patience(self, longest):
        try:
            return min(longest or float("inf"), _time_left())
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "deadline") from error


class _Connection(_TimedConnection, HTTPConnectionPool.ConnectionCls):
    pass


class _SecureConnection(_TimedConnection, HTTPSConnectionPool.ConnectionCls):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
