# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import subprocess
import sys
import unittest
from pathlib import Path

from odoo.tests import BaseCase, tagged

CHAOS = Path(__file__).resolve().parents[1] / "dev/chaos.py"


@tagged("post_install", "-at_install")
@unittest.skipUnless(CHAOS.exists(), "the released module has no scripts")
class TestChaos(BaseCase):
    """Real processes, faults and killed workers; ``dev/chaos`` runs it at length."""

    def test_zoom_has_exactly_what_the_bookings_say(self):
        done = subprocess.run(
            [sys.executable, CHAOS, "--seed", "1", "--bookings", "24", "--kills", "3"],
            capture_output=True,
            text=True,
            timeout=600,
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
