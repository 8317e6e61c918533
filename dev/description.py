# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""static/description/index.html, the page of the module in Odoo's Apps, from readme/*.md.

As oca-gen-addon-readme does it, which is on no Python index and needs pandoc.
"""

import ast
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "static/description/index.html"
FRAGMENTS = {
    "DESCRIPTION": "",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
FILES = {"HISTORY": "CHANGELOG.md"}
CLASSES = {"img": "img img-fluid", "table": "table table-sm"}


def render(fragment, website):
    """One fragment as HTML that stands below a heading of its own."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = (ROOT / FILES.get(fragment, f"readme/{fragment}.md")).read_text()
    # comments are towncrier's
    text = "\n".join(line for line in text.splitlines() if not line.startswith("<!--"))
    tokens = markdown.parse(text)
    for token in [*tokens, *(child for t in tokens for child in t.children or ())]:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
        if token.tag in CLASSES and token.nesting >= 0:
            token.attrSet("class", CLASSES[token.tag])
        for name in {"href", "src"} & set(token.attrs):
            path = token.attrs[name].removeprefix("../static/description/")
            if path.startswith("../"):
                kind = "raw" if name == "src" else "blob"
                path = f"{website}/{kind}/main/{path[3:]}"
            token.attrSet(name, path)
    return markdown.renderer.render(tokens, markdown.options, {})


def main():
    manifest = ast.literal_eval((ROOT / "__manifest__.py").read_text())
    parts = [f"<h1>{manifest['name']}</h1>"]
    for fragment, title in FRAGMENTS.items():
        if title:
            parts.append(f"<h2>{title}</h2>")
        parts.append(render(fragment, manifest["website"]).strip())
    body = "\n".join(parts)
    PAGE.write_text(
        "<!-- Written by dev/lint from readme/*.md; change these. -->\n"
        f'<section class="oe_container">\n{body}\n</section>\n'
    )


if __name__ == "__main__":
    main()
