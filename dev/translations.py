# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The template of the translations (.pot) and what is translated from it (.po).

Run, it writes all of them anew; with ``--check`` it only says what is wrong.
"""

import re
import sys
import tempfile
from pathlib import Path

import polib
import testdb

FOLDER = testdb.ROOT / "i18n"
TEMPLATE = FOLDER / f"{testdb.ADDON}.pot"
TRANSLATION = FOLDER / "ja.po"
STAMP = testdb.STATE / "pot.fingerprint"
# What a translation must have as often as its source: names that Python, QWeb and the
# mail editor's inline expressions put values in for.
MARKS = re.compile(
    r"%\(\w+\)[a-z]|%[sdf]|\{\{.*?\}\}|(?<!\{)\{\w*\}(?!\})"
    r"|\bt-(?:out|esc|if|elif|foreach|att-\w+|attf-\w+)=(?:\"[^\"]*\"|'[^']*')|</?\w+"
)
# Written by the exporter, differs at every export
CHANGING = ("POT-Creation-Date", "PO-Revision-Date", "Project-Id-Version")

# Odoo's exporter, "odoo i18n export" too, walks along links through everything that holds
# addons, and the link of dev/setup leads back into the checkout: it is shown a copy of the
# module and nothing else.
EXPORT = f"""
import odoo.addons.{testdb.ADDON}
from odoo.tools.translate import trans_export

odoo.addons.__path__ = [{{folder!r}}]
odoo.addons.{testdb.ADDON}.__path__ = [{{folder!r}} + "/{testdb.ADDON}"]
with open({{target!r}}, "wb") as file:
    trans_export(None, ["{testdb.ADDON}"], file, "po", env)
"""


def sources_fingerprint():
    """The sources and the template: nothing is exported while neither changes."""
    files = [*testdb.source_files(), TEMPLATE]
    return testdb.fingerprint(EXPORT, files=[f for f in files if f.suffix != ".po"])


def export(target):
    with testdb.database() as name, tempfile.TemporaryDirectory() as folder:
        for path in testdb.source_files():
            copy = Path(folder, testdb.ADDON, path.relative_to(testdb.ROOT))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
        code = EXPORT.format(folder=folder, target=str(target))
        testdb.run_odoo(name, "shell", code=code)


def _content(catalog):
    return sorted(
        (entry.msgctxt or "", entry.msgid, entry.comment, sorted(entry.occurrences))
        for entry in catalog
    )


def _clean(catalog):
    for key in CHANGING:
        catalog.metadata.pop(key, None)
    return catalog


def _marks(text):
    return sorted(MARKS.findall(text))


def template_problems():
    now = sources_fingerprint()
    if STAMP.exists() and STAMP.read_text() == now:
        return []
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder, TEMPLATE.name)
        export(exported)
        fresh, present = polib.pofile(str(exported)), polib.pofile(str(TEMPLATE))
    if _content(fresh) == _content(present):
        STAMP.write_text(now)
        return []
    old = {entry.msgid for entry in present}
    new = {entry.msgid for entry in fresh}
    problems = [f"i18n/{TEMPLATE.name} is not what the sources give: run dev/i18n"]
    problems += [f"  new: {text[:100]!r}" for text in sorted(new - old)[:10]]
    problems += [f"  gone: {text[:100]!r}" for text in sorted(old - new)[:10]]
    return problems


def translation_problems():
    name = TRANSLATION.relative_to(testdb.ROOT)
    problems = []
    catalog = polib.pofile(str(TRANSLATION))
    wanted = {(e.msgctxt, e.msgid) for e in polib.pofile(str(TEMPLATE))}
    present = {(e.msgctxt, e.msgid) for e in catalog if not e.obsolete}
    if wanted != present:
        problems.append(f"{name} has other texts than the template: run dev/i18n")
    for entry in catalog:
        where, text = f"{name}:{entry.linenum}", f"{entry.msgid[:80]!r}"
        if entry.obsolete:
            problems.append(f"{where}: no longer used: {text}")
        elif entry.fuzzy:
            problems.append(f"{where}: to be looked at (fuzzy): {text}")
        elif not entry.msgstr.strip():
            problems.append(f"{where}: not translated: {text}")
        elif _marks(entry.msgid) != _marks(entry.msgstr):
            missing = set(_marks(entry.msgid)) ^ set(_marks(entry.msgstr))
            named = ", ".join(sorted(missing)) or "their number"
            problems.append(f"{where}: placeholders differ ({named}): {text}")
    return problems


def main():
    if sys.argv[1:] == ["--check"]:
        sys.exit("\n".join(template_problems() + translation_problems()) or None)
    with tempfile.TemporaryDirectory() as folder:
        exported = Path(folder, TEMPLATE.name)
        export(exported)
        template = _clean(polib.pofile(str(exported), wrapwidth=78))
    template.save(str(TEMPLATE))
    print(f"i18n/{TEMPLATE.name}: {len(template)} texts")
    catalog = polib.pofile(str(TRANSLATION), wrapwidth=78)
    catalog.metadata = {**template.metadata, "Language": TRANSLATION.stem}
    catalog.merge(template)
    # what is no longer used is in the history
    catalog[:] = [entry for entry in catalog if not entry.obsolete]
    catalog.sort(key=lambda entry: entry.msgid)
    catalog.save(str(TRANSLATION))
    missing = len(catalog.untranslated_entries()) + len(catalog.fuzzy_entries())
    print(f"i18n/{TRANSLATION.name}: {len(catalog)} texts, {missing} to be translated")
    STAMP.write_text(sources_fingerprint())


if __name__ == "__main__":
    main()
