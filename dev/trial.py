# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Install the module of a folder into a database, use it, and uninstall it.

``python dev/trial.py FOLDER [NEWER]`` upgrades to the module of another folder before it is
used.  In both it is a package below ``odoo/addons``.  Run by ``dev/wheel`` and ``dev/upgrade``.
"""

import re
import sys
from pathlib import Path

import testdb

DATABASE = f"{testdb.TEST}_trial"
STEPS = Path(__file__).with_name("trial_steps.py")


def run(folder, *arguments, code=""):
    try:
        done = testdb.run_odoo(DATABASE, *arguments, code=code, path=folder)
    except testdb.Unavailable as error:
        sys.exit(f"{error}\nfailed: {folder}, {' '.join(arguments)}")
    # What Odoo only warns of, as of a view that does not fit any more, is a failure here.
    if re.search(r" (WARNING|ERROR|CRITICAL) |^Traceback", done.stderr, re.MULTILINE):
        sys.exit(
            f"{done.stderr}\nnot without warnings: {folder}, {' '.join(arguments)}"
        )
    print(done.stdout, end="", flush=True)


def steps(folder, *names):
    code = f"{STEPS.read_text()}\nrun(env, {str(folder)!r}, {names!r})\n"
    run(folder, "shell", code=code)


def main():
    first, last = sys.argv[1], sys.argv[-1]
    with testdb.lock("trial"):
        _wanted, source = testdb.prepare_deps()
        testdb.copy(source, DATABASE)
        run(first, "server", "-i", testdb.ADDON, "--stop-after-init")
        steps(first, "fill")
        if last != first:
            run(last, "server", "-u", testdb.ADDON, "--stop-after-init")
        steps(last, "check", "uninstall")


if __name__ == "__main__":
    main()
