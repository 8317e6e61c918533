# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The walk through the main job, and what runs for it; ``dev/demo`` runs it."""

import argparse
import sys
import time

import services
from demo_text import tell, tell_arrival
from demo_walk import DATABASE, STAFF, Walk


def options():
    parser = argparse.ArgumentParser(
        prog="dev/demo",
        description="Show the whole job on a real Odoo, with a Zoom simulator and a mail "
        "server on loopback.",
    )
    parser.add_argument(
        "--once", action="store_true", help="end after the walk (else: after Ctrl-C)"
    )
    for name, what in (("port", "Odoo"), ("zoom-port", "Zoom"), ("smtp-port", "mail")):
        parser.add_argument(
            f"--{name}",
            type=int,
            default=0,
            help=f"port of {what} (default: a free one)",
        )
    parser.add_argument(
        "--database", default=DATABASE, help=f"made anew (default: {DATABASE})"
    )
    return parser.parse_args()


def stay(stage):
    """Leave everything running until somebody ends it."""
    print(f"\nOdoo is running: {stage.odoo_url}")
    print(f"   log in as {' / '.join(services.ADMIN)} (administrator)")
    print(f"   or as     {' / '.join(STAFF)} (booking staff)")
    print(
        "   see Resource Bookings > Zoom > Overview, and Configuration > Zoom account"
    )
    print("Ctrl-C ends it. Mails that arrive meanwhile:")
    stage.mails.on_mail = tell_arrival
    stage.odoo.wait()
    raise services.Unavailable("Odoo has ended by itself, see .odoo/demo/odoo.log")


def main():
    wanted = options()
    services.end_on_signals()
    start = time.monotonic()
    failed = None
    print("What runs, all of it on this machine:")
    try:
        with services.stage(
            wanted.database, wanted.port, wanted.zoom_port, wanted.smtp_port, tell
        ) as stage:
            failed = Walk(stage).run()
            seconds = time.monotonic() - start
            if failed:
                print(f"\nFAILED in {seconds:.0f} s at the step: {failed}")
                for record in services.log_trouble()[0]:
                    tell(record)
                print("   Odoo's log: .odoo/demo/odoo.log")
            else:
                print(f"\nAll steps went well, in {seconds:.0f} s.")
            if not wanted.once:
                stay(stage)
    except services.Unavailable as error:
        print(f"FAILED at the step: start. {error}")
        failed = "start"
    except KeyboardInterrupt:
        print("\nEnded; everything that was started is stopped.")
        failed = failed or (wanted.once and "interrupted")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
