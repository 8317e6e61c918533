# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Lists in pages, as Zoom's page on pagination has them (February 2026)."""

import datetime as dt
import secrets

from .messages import ZoomError
from .state import PageToken

TOKEN_LIFETIME = dt.timedelta(minutes=15)
DEFAULT_SIZE = 30
MAX_SIZE = 300


def page(sim, request, name, items, question):
    """One page of a list, as the body of the answer.

    A token only goes on with the very question (a tuple) that it was given for.
    """
    size = _page_size(request)
    question = (*question, size)
    start = _offset(sim, request.query.get("next_page_token"), question)
    end = start + size
    more = end < len(items)
    return {
        "page_count": -(-len(items) // size),
        "page_number": start // size + 1,
        "page_size": size,
        "total_records": len(items),
        "next_page_token": _new_token(sim, question, end) if more else "",
        name: items[start:end],
    }


def _page_size(request):
    text = request.query.get("page_size") or str(DEFAULT_SIZE)
    if not text.isdigit() or int(text) < 1:
        errors = [("page_size", "Invalid field.")]
        raise ZoomError(400, 300, "Validation Failed.", errors)
    return min(int(text), MAX_SIZE)


def _offset(sim, text, question):
    if not text:
        return 0
    token = sim.state.page_tokens.get(text)
    expired = token and token.expires_at <= sim.clock.now()
    if not token or expired or token.question != question:
        raise ZoomError(400, 300, "The next page token is invalid or expired.")
    return token.offset


def _new_token(sim, question, offset):
    text = secrets.token_urlsafe(24)
    expires_at = sim.clock.now() + TOKEN_LIFETIME
    sim.state.page_tokens[text] = PageToken(question, offset, expires_at)
    return text
