# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the documentation quotes is there: dev/lint asks.

* A message, italic in the first column of a table, is one of the module. "…" stands for
  what changes.
* A file or folder, or a function with its brackets, is there.
"""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
COMMAND = ["git", "ls-files", "-co", "--exclude-standard"]
FILES = subprocess.run(
    COMMAND, cwd=ROOT, capture_output=True, check=True, text=True
).stdout.split("\n")
# not the changelog: what changed once is named as it was then
PAGES = [
    name
    for name in FILES
    if re.match(r"(README|CONTRIBUTING|docs/\w+|readme/[A-Z]+)\.md$", name)
]


def read_messages():
    template = polib.pofile(str(ROOT / "i18n/resource_booking_zoom.pot"))
    return "\n".join(" ".join(entry.msgid.split()) for entry in template)


def read_functions():
    sources = [ROOT / name for name in FILES if name.endswith(".py")]
    code = "\n".join(path.read_text() for path in sources if path.exists())
    return set(re.findall(r"^ *def (\w+)\(", code, re.MULTILINE))


def find_wrong(line, messages, functions):
    if re.match(r"\| \*[^*]", line):
        for quote in re.findall(r"\*([^*]+)\*", line.split(" | ")[0]):
            if not re.search(".*".join(map(re.escape, quote.split("…"))), messages):
                yield f"the module does not say “{quote}”"
    for name in re.findall(r"`(\w+)\(\)`", line):
        if name not in functions:
            yield f"there is no function {name}()"
    for name in re.findall(r"`(?!\.odoo/)([\w*/.-]+(?:\.(?:py|xml|md|html)|/))`", line):
        # a folder's name ends with a slash
        pattern = name + "*" if name.endswith("/") else name
        if not any(fnmatch(f"/{file}", f"*/{pattern}") for file in FILES):
            yield f"there is no {name}"


def main():
    messages, functions = read_messages(), read_functions()
    sys.exit(
        "\n".join(
            f"{page}:{number}: {wrong}"
            for page in PAGES
            for number, line in enumerate((ROOT / page).read_text().splitlines(), 1)
            for wrong in find_wrong(line, messages, functions)
        )
        or None
    )


if __name__ == "__main__":
    main()
