# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from urllib.parse import urlsplit

from odoo.exceptions import ValidationError

from ...utils import one_line

# What a person decides for one booking.
LINK_FIELDS = {
    "join_link_choice",
    "manual_join_url",
    "manual_join_number",
    "manual_join_passcode",
}


def clean_choice(env, vals):
    """Mend what is pasted, and forget a link that is not wanted any more.

    :raise ValidationError: this is no URL
    """
    vals = dict(vals)
    if "join_link_choice" in vals and vals["join_link_choice"] != "manual":
        choice = vals["join_link_choice"]
        return {**vals, **dict.fromkeys(LINK_FIELDS, False), "join_link_choice": choice}
    for name in LINK_FIELDS & vals.keys() - {"join_link_choice"}:
        vals[name] = one_line(vals[name]) or False
    if vals.get("manual_join_url"):
        vals["manual_join_url"] = check_url(env, vals["manual_join_url"])
    return vals


def check_url(env, text):
    """
    :return str: the URL, with https:// where no scheme was entered
    :raise ValidationError:
    """
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        is_url = False
    if not is_url or set(url) & set(" \t\"'<>\\"):
        # Without the text: it may be the link, and errors are logged.
        raise ValidationError(
            env._("Please enter the whole URL of the join link, as https://…")
        )
    return url
