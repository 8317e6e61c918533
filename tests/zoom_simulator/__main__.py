# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The simulator as a program of its own; see ``--help``."""

import argparse
import json
import signal
import threading

from .simulator import ZoomSimulator

DEMO_USERS = (
    # e-mail, first name, last name, type (1 Basic, 2 Licensed)
    ("owner@zoom.example", "Olivia", "Owner", 2),
    ("tanaka@zoom.example", "花子", "田中", 2),
    ("suzuki@zoom.example", "一郎", "鈴木", 2),
    ("sato@zoom.example", "美咲", "佐藤", 1),
    ("room1@zoom.example", "Consulting", "Room 1", 2),
)


def seed_demo(sim, redirect_uris=None):
    """One account with an app and five users; what a client must know of it."""
    account = sim.add_account(
        "DemoAccount0000000001", "business", timezone="Asia/Tokyo", name="Demo"
    )
    app = sim.add_app(
        account,
        client_id="demo-client-id",
        client_secret="demo-client-secret",
        redirect_uris=redirect_uris,
        webhook_secret="demo-webhook-secret",
    )
    for email, first_name, last_name, kind in DEMO_USERS:
        sim.add_user(
            account,
            email,
            first_name=first_name,
            last_name=last_name,
            type=kind,
            language="en-US" if last_name.isascii() else "jp-JP",
        )
    return {
        "account_id": account.account_id,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret,
    }


def main():
    parser = argparse.ArgumentParser(
        prog="python -m zoom_simulator",
        description="A Zoom on loopback. Prints one line of JSON once it listens.",
    )
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per answer")
    parser.add_argument(
        "--auto-consent", action="store_true", help="consent without a question"
    )
    parser.add_argument(
        "--seed-demo", action="store_true", help="an account, an app and five users"
    )
    parser.add_argument(
        "--redirect-uri",
        action="append",
        help="an address that the demo app may send people to (default: loopback)",
    )
    options = parser.parse_args()
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_arguments: ended.set())
    with ZoomSimulator(options.port) as sim:
        sim.latency = options.latency
        sim.auto_consent = options.auto_consent
        line = {"url": sim.url}
        if options.seed_demo:
            line.update(seed_demo(sim, options.redirect_uri))
        print(json.dumps(line), flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
