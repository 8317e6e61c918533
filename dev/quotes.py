# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Messages that docs/ explains are messages of the module: dev/lint asks.

A message is italic in the first column of a table; "…" stands for what changes.
"""

import re
import sys
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("docs/troubleshooting.md", "docs/mails.md", "README.md")


def quotes(page):
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        if line.startswith("| *"):
            for quote in re.findall(r"\*([^*]+)\*", line.split(" | ")[0]):
                yield f"{page}:{number}", quote


def main():
    template = polib.pofile(str(ROOT / "i18n/resource_booking_zoom.pot"))
    texts = "\n".join(" ".join(entry.msgid.split()) for entry in template)
    sys.exit(
        "\n".join(
            f"{where}: the module does not say “{quote}”"
            for page in PAGES
            for where, quote in quotes(page)
            if not re.search(".*".join(map(re.escape, quote.split("…"))), texts)
        )
        or None
    )


if __name__ == "__main__":
    main()
