# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A mail server on loopback that keeps what it receives. Knows nothing of Odoo."""

import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class ReceivedMail:
    """One mail as it arrived: the envelope and the parsed message."""

    sender: str
    recipients: tuple
    message: EmailMessage
    raw: bytes

    @property
    def subject(self):
        return str(self.message["Subject"] or "")

    @property
    def text(self):
        """The text/plain part, or an empty text."""
        return self._part("plain")

    @property
    def html(self):
        """The text/html part, or an empty text."""
        return self._part("html")

    @property
    def attachments(self):
        """Name of each attachment -> its content, decoded."""
        return {
            part.get_filename(): part.get_payload(decode=True)
            for part in self.message.walk()
            if part.get_filename()
        }

    @property
    def everything(self):
        """All that can be read in the mail: headers and every part, decoded."""
        texts = [f"{name}: {value}" for name, value in self.message.items()]
        for part in self.message.walk():
            payload = part.get_payload(decode=True)
            if payload:
                texts.append(payload.decode(errors="replace"))
        return "\n".join(texts)

    def _part(self, kind):
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""


class SmtpSink:
    """Listens on a free port of 127.0.0.1 and accepts every mail, if not told else."""

    def __init__(self, port=0):
        self._socket = socket.create_server(("127.0.0.1", port))
        self.host, self.port = self._socket.getsockname()
        self._lock = threading.Lock()
        self._mails = []
        self._refused = ()
        self._controller = _Controller(self, self._socket)

    def start(self):
        self._controller.start()

    def stop(self):
        self._controller.stop()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_exception):
        self.stop()

    @property
    def mails(self):
        """All mails since the last `clear`, in the order of their arrival."""
        with self._lock:
            return list(self._mails)

    def clear(self):
        with self._lock:
            self._mails.clear()

    def refuse(self, *addresses):
        """Take no mails for these addresses; without any, take all again."""
        self._refused = addresses

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self._refused:
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        mail = ReceivedMail(
            sender=envelope.mail_from,
            recipients=tuple(envelope.rcpt_tos),
            message=message_from_bytes(envelope.content, policy=policy.default),
            raw=envelope.content,
        )
        with self._lock:
            self._mails.append(mail)
        return "250 OK"


class _Controller(Controller):
    """Listens on a socket that is bound already: no port can be lost meanwhile."""

    def __init__(self, handler, listening):
        host, port = listening.getsockname()
        super().__init__(handler, hostname=host, port=port)
        self._listening = listening

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
