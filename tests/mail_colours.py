# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How well the texts of a mail can be told from what they stand on, by WCAG 2."""

import colorsys
import re

STYLE = re.compile(
    r"(?:^|;)\s*(background-color|color)\s*:\s*(#[0-9a-fA-F]{6}|white)\b"
)


def parse(colour):
    """The colour as (red, green, blue), each from 0 to 1."""
    digits = {"white": "#ffffff"}.get(colour, colour)[1:]
    return tuple(int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))


def inverted(colour):
    """What mail programs make of it that turn light mails dark: same hue, light and
    dark exchanged."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*parse(colour))
    shade = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    return "#" + "".join(f"{round(part * 255):02x}" for part in shade)


def contrast(first, second):
    """WCAG's contrast ratio, from 1 to 21."""
    dark, light = sorted(map(_luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parse(colour)
    ]
    return sum(
        part * weight
        for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True)
    )


def texts_with_colours(root):
    """Each text below an element of lxml, with the inline colours that it gets.

    :return list: of (text, colour, background)
    """
    found = []
    for element in root.iter():
        if not isinstance(element.tag, str) or element.tag in ("style", "head"):
            continue
        text = " ".join([element.text or "", *(one.tail or "" for one in element)])
        if text.strip():
            found.append((text.strip(), *_colours_of(element)))
    return found


def _colours_of(element):
    colours = {}
    for one in [element, *element.iterancestors()]:
        for name, colour in STYLE.findall(one.get("style") or ""):
            colours.setdefault(name, colour)
    return colours["color"], colours["background-color"]
