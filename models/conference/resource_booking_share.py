# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import logging

from markupsafe import Markup

from odoo import models

from ...utils import (
    active_lang,
    find_overtaken,
    is_customer,
    one_line,
    own_time,
    say_span,
)

_logger = logging.getLogger(__name__)

# What the platform's dialog sends
SHARED = "portal.portal_share_template"
CHOOSE_TIME = "resource_booking_zoom.mail_template_choose_time"
WITH_TIME = "resource_booking_zoom.mail_template_shared"
LAYOUT = "resource_booking_zoom.mail_layout"


class Share:
    """With whom a booking is being shared.

    The context passes this object to the template. It is no dict, so that no RPC call
    can forge it.
    """

    def __init__(self, partner, url, note):
        self.partner = partner
        self.url = url
        self.note = note


class ResourceBooking(models.Model):
    """The mail with which somebody shares a booking, and what it says."""

    _inherit = "resource.booking"

    def message_post_with_source(self, source_ref, **kwargs):
        """Share bookings with a web conference in words and a layout of our own."""
        partner = (kwargs.get("render_values") or {}).get("partner")
        if (
            not isinstance(source_ref, str)
            or source_ref != SHARED
            or len(self) != 1
            or not isinstance(partner, models.BaseModel)
            or not self.type_id._has_conference_tool()
        ):
            return super().message_post_with_source(source_ref, **kwargs)
        booking = self.with_context(lang=active_lang(self.env, partner.lang))
        values = kwargs.pop("render_values")
        note = booking._translate_note(values.get("note"))
        values = {**values, "note": note}
        share = Share(partner, values.get("share_link"), note)
        kwargs.update(booking._get_share_sender(), email_layout_xmlid=LAYOUT)
        mail = booking._write_share_mail(share)
        if mail:
            return booking.message_post(**{**kwargs, **mail})
        kwargs["subject"] = one_line(booking._say_share(partner)["subject"])
        return super(ResourceBooking, booking).message_post_with_source(
            source_ref, **kwargs, render_values=values
        )

    def _translate_note(self, note):
        """The note in the reader's language, if it is the type's advice.

        The platform's dialog proposes that, in the language of whoever shares.
        """
        advice = {
            (self.type_id.with_context(lang=code).requester_advice or "").strip()
            for code, _name in self.env["res.lang"].get_installed()
        }
        known = note and note.strip() in advice
        return self.type_id.requester_advice if known else note

    def _write_share_mail(self, share):
        """The mail that asks to choose a time, or tells it, as our template has it.

        :param Share share:
        :return dict: for ``message_post``; None if the template cannot be used
        """
        self.check_access("read")
        # sudo: customers in the web shop, too, but they read no templates
        name = WITH_TIME if self.start else CHOOSE_TIME
        template = self.env(su=True).ref(name, raise_if_not_found=False)
        if not template or not template.active:
            return None
        template = template.with_context(
            lang=self.env.context.get("lang"), web_conference_share=share
        )
        try:
            with self.env.cr.savepoint():
                mail = {
                    name: template._render_field(field, self.ids)[self.id]
                    for name, field in (
                        ("subject", "subject"),
                        ("body", "body_html"),
                        ("email_from", "email_from"),
                    )
                }
                files = template.attachment_ids.copy(
                    {"res_model": "mail.compose.message", "res_id": 0}
                )
        except Exception as error:
            overtaken = find_overtaken(error)
            if overtaken:
                raise overtaken from None
            # The platform's mail goes out instead.
            _logger.exception("The mail that shares booking %s failed", self.id)
            return None
        values = {
            "subject": one_line(mail["subject"]),
            "body": Markup(mail["body"]),
            "attachment_ids": files.ids,
        }
        if not self._is_shared_by_system() and mail["email_from"]:
            values["author_id"] = self.env.user.partner_id.id
            values["email_from"] = one_line(mail["email_from"])
        return values

    def _say_share(self, partner):
        """What the platform's mail says with which the user shares the booking.

        :return dict: ``subject``, ``greeting``, ``sentence`` and ``button``
        """
        self.ensure_one()
        said = {"user": self._get_shared_by(), "type": self.type_id.name}
        if self.start:
            subject = self.env._("Your booking: %(type)s", **said)
            sentence = self.env._(
                "%(user)s sends you your booking “%(type)s”: %(period)s.",
                period=self._say_period(self.start),
                **said,
            )
        else:
            subject = self.env._("Please choose a time: %(type)s", **said)
            sentence = self.env._(
                "%(user)s invites you to choose a time for “%(type)s”.", **said
            )
        return {
            "subject": subject,
            "greeting": self.env._("Dear %(name)s,", name=partner.name),
            "sentence": sentence,
            "button": self.env._("Open your booking")
            if self.start
            else self.env._("Choose a time"),
        }

    def _is_shared_by_system(self):
        """Whether nobody presses *Share*: the web shop does for who has just paid.

        It does so as the visitor, or as the system that records a payment.
        """
        return is_customer(self.env) or self.env.user._is_superuser()

    def _get_share_sender(self):
        """The author of what the system shares: the company, if it has an address.

        :return dict: for ``message_post``
        """
        company = self.sudo().type_id.company_id or self.env.company.sudo()
        if not self._is_shared_by_system() or not company.email:
            return {}
        return {
            "author_id": company.partner_id.id,
            "email_from": company.email_formatted,
        }

    # === WHAT THE TEMPLATE ASKS FOR === #
    #
    # Staff may choose the template by hand: then the requester is written to.

    def _get_share(self):
        share = self.env.context.get("web_conference_share")
        return share if isinstance(share, Share) else None

    def _get_shared_name(self):
        """The name of whom the mail is for."""
        share = self._get_share()
        return (share.partner if share else self.partner_ids[:1]).name or ""

    def _get_shared_by(self):
        """The name of who shares the booking."""
        if self._is_shared_by_system():
            return self._get_conference_contact()["name"]
        return self.env.user.name

    def _get_shared_url(self):
        """Where the reader of the mail chooses a time."""
        share = self._get_share()
        if share:
            return share.url
        if "template_preview_lang" in self.env.context:
            return "https://www.example.com/booking"
        return f"{self.get_base_url()}{self._get_share_url(redirect=True)}"

    def _get_shared_note(self):
        """What the user has written for the reader."""
        share = self._get_share()
        return share.note if share else self.type_id.requester_advice

    def _get_shared_duration(self):
        """How long the booking takes, in words."""
        hours, minutes = divmod(round(self.duration * 60), 60)
        return say_span(self.env, hour=hours, minute=minutes)

    def _get_shared_period(self):
        """When the booking takes place, in words."""
        return self._say_period(self.start)

    def _get_shared_own_time(self):
        """Its start in the reader's time zone, if that differs."""
        share = self._get_share()
        partner = share.partner if share else self.partner_ids[:1]
        partner = partner.with_env(self.env)
        return self.start and own_time(partner, self.start, self._get_zone())

    def _get_shared_notice(self):
        """When the link comes; empty if nothing sends it, or if it is known."""
        self.check_access("read")
        # sudo: the event may be private
        return self.sudo()._say_when_link_comes()

    def _say_when_link_comes(self):
        if self.start:
            hidden = self._is_to_be_joined() and not self._get_disclosed_link()
            return self._get_link_notice() if hidden else ""
        if self._is_join_link_disclosed():
            return self.env._("You receive the link by e-mail as soon as it is ready.")
        alarms = self.type_id.alarm_ids.filtered(lambda one: one.alarm_type == "email")
        if not alarms:
            return ""
        first = max(alarms, key=lambda one: one.duration_minutes)
        time = say_span(self.env, **{first.interval.removesuffix("s"): first.duration})
        if self._gets_own_link():
            return self.env._(
                "The %(tool)s link comes with the reminder, by e-mail %(time)s before "
                "the start.",
                tool=self.type_id._get_conference_tool_name(),
                time=time,
            )
        return self.env._(
            "The link comes with the reminder, by e-mail %(time)s before the start.",
            time=time,
        )
