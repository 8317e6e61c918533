# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""dev/lint: every check of the sources that runs no test, a line each, several at a time."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import testdb
import translations
from lxml import etree

ROOT = testdb.ROOT
BIN = testdb.STATE / "venv/bin"
# Checks of oca-checks-odoo-module and oca-checks-po that are not asked for
OCA_OFF = (
    "xml-header-wrong",  # wants UTF-8 in capitals, Odoo's own files have it small
    "xml-tag-position",  # wants another order of attributes than Odoo's own files have
    "prefer-readme-rst",  # the README is Markdown
)
OCA_PO_OFF = (
    "po-pretty-format",  # Odoo's exporter and polib, which writes them here, break lines otherwise
)
# Odoo's own checkers for pylint, as its test_lint runs them
ODOO_CHECKERS = (
    "_odoo_checker_sql_injection",
    "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
)
ODOO_CHECKS = (
    "sql-injection",
    "missing-gettext",
    "gettext-variable",
    "gettext-placeholders",
    "gettext-repr",
    "raise-unlink-override",
)
HEADER = re.compile(
    rb"\A(#!.*\n)?# Copyright \d{4}.*\n(# .*\n)*?# License AGPL-3\.0 or later"
)
XML_ID = re.compile(r"^([a-z0-9_]+\.)?[a-z0-9_]+$")


def run(*command, cwd=ROOT, **env):
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode == 0:
        return []
    return done.stdout.strip().splitlines() or [f"ended with {done.returncode}"]


def tracked_files():
    """What git knows or would add: the files of a commit made now."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(
        command, cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = sorted({ROOT / name for name in names.stdout.split("\0") if name})
    return [path for path in paths if path.is_file()]


def copy_of(files, folder):
    """pylint and OCA's checks take the module's name from its folder."""
    copy = Path(folder, testdb.ADDON)
    for path in files:
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return copy


def module_python(copy):
    """Names of the Python files that Odoo loads."""
    names = sorted(path.relative_to(copy) for path in copy.rglob("*.py"))
    return [name for name in names if name.parts[0] not in ("tests", "dev")]


# --- the checks: each returns what is wrong, as lines ------------------------------------


def ruff_check(files, copy):
    return run(BIN / "ruff", "check", "--output-format=concise", "--quiet", ".")


def ruff_format(files, copy):
    return run(BIN / "ruff", "format", "--check", "--output-format=concise", ".")


def shell(files, copy):
    found = []
    for path in files:
        if path.suffix == ".sh" or path.read_bytes()[:30].startswith(
            b"#!/usr/bin/env bash"
        ):
            found += run("bash", "-n", path)
    return found


def headers(files, copy):
    return [
        f"{path.relative_to(ROOT)}: no copyright and license in its first lines"
        for path in files
        if path.suffix == ".py"
        and path.stat().st_size
        and not HEADER.match(path.read_bytes())
    ]


def xml(files, copy):
    import odoo.tools.config  # noqa: F401, PLC0415  # only to find Odoo's schema

    schema = Path(sys.modules["odoo.tools"].__file__).parents[1] / "import_xml.rng"
    grammar = etree.RelaxNG(etree.parse(str(schema)))
    found = []
    for path in files:
        if path.suffix not in (".xml", ".svg"):
            continue
        name = path.relative_to(ROOT)
        try:
            tree = etree.parse(str(path))
        except etree.XMLSyntaxError as error:
            found.append(f"{name}: {error}")
            continue
        if tree.getroot().tag != "odoo":
            continue
        if not grammar.validate(tree):
            found += [
                f"{name}:{error.line}: {error.message}" for error in grammar.error_log
            ]
        for node in tree.iterfind(".//*[@id]"):
            if node.tag not in ("record", "template", "menuitem"):
                continue
            if not XML_ID.match(node.get("id")):
                found.append(f"{name}:{node.sourceline}: odd id {node.get('id')!r}")
    return found


def manifest(files, copy):
    """Files that the manifest names are there, and data files are named."""
    values = ast.literal_eval((ROOT / "__manifest__.py").read_text())
    named = {*values.get("data", []), *values.get("demo", [])}
    found = [
        f"__manifest__.py names {n}" for n in sorted(named) if not (ROOT / n).is_file()
    ]
    folders = {"data", "demo", "security", "views", "wizards", "report"}
    for path in files:
        name = path.relative_to(ROOT)
        if (
            name.parts[0] in folders
            and path.suffix in (".xml", ".csv")
            and str(name) not in named
        ):
            found.append(f"{name} is not in __manifest__.py")
    return found


def pylint_odoo(files, copy):
    pylint = (BIN / "python", "-m", "pylint", "--rcfile=pyproject.toml")
    # tests and development are programs of their own, without models: they print, and a
    # method "create" is not Odoo's
    ignored = "--ignore-paths=^(.*/)?(tests|dev)/.*"
    # a model with several ideas has a file for each (R8180)
    chosen = ("--disable=all", "--enable=odoolint", "--disable=R8180")
    return run(*pylint, ignored, *chosen, ".", cwd=copy)


def odoo_checkers(files, copy):
    import odoo.addons  # noqa: PLC0415  # namespace package: its path tells where Odoo is

    for path in odoo.addons.__path__:
        checkers = Path(path, "test_lint/tests")
        if (checkers / f"{ODOO_CHECKERS[0]}.py").exists():
            break
    else:
        return ["Odoo's module test_lint is not there"]
    return run(
        *(BIN / "python", "-m", "pylint", f"--rcfile={os.devnull}", "--score=n"),
        *("--persistent=n", "--disable=all", f"--enable={','.join(ODOO_CHECKS)}"),
        f"--load-plugins={','.join(ODOO_CHECKERS)}",
        *module_python(copy),
        cwd=copy,
        PYTHONPATH=str(checkers),
    )


def oca(files, copy):
    found = run(BIN / "oca-checks-odoo-module", f"--disable={','.join(OCA_OFF)}", copy)
    catalogs = sorted(copy.glob("i18n/*.po*"))
    if catalogs:
        found += run(
            BIN / "oca-checks-po", f"--disable={','.join(OCA_PO_OFF)}", *catalogs
        )
    prefix = str(copy.relative_to("/")) + "/"
    return [line.replace(prefix, "") for line in found if line.strip()]


def i18n(files, copy):
    return translations.problems()


CHECKS = {
    # the slow ones first
    "pylint-odoo": pylint_odoo,
    "Odoo's checkers": odoo_checkers,
    "translations": i18n,
    "OCA's checks": oca,
    "ruff check": ruff_check,
    "ruff format": ruff_format,
    "XML": xml,
    "manifest": manifest,
    "headers": headers,
    "shell": shell,
}


def timed(check, files, copy):
    start = time.monotonic()
    try:
        found = check(files, copy)
    # a check that breaks must not hide the others
    except (Exception, SystemExit) as error:
        found = [f"the check itself failed: {type(error).__name__}: {error}"]
    return found, time.monotonic() - start


def main():
    failed = []
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(os.cpu_count()) as pool,
    ):
        files = tracked_files()
        copy = copy_of(files, folder)
        jobs = {
            name: pool.submit(timed, check, files, copy)
            for name, check in CHECKS.items()
        }
        for name, job in jobs.items():
            found, seconds = job.result()
            if found:
                failed.append(name)
            print(
                f"{name:16} {'FAILED' if found else 'ok':6} {seconds:5.1f} s",
                flush=True,
            )
            for line in found:
                print(f"    {line}", flush=True)
    if failed:
        print(
            f"dev/lint: {len(failed)} of {len(CHECKS)} checks failed: {', '.join(failed)}"
        )
        sys.exit(1)
    print(f"dev/lint: {len(CHECKS)} checks passed")


if __name__ == "__main__":
    main()
