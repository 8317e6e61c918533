# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import models

from ...utils import one_line


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Remove line breaks from contacts' names: they would block the mail."""
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        if self.model in self.env["mail.message"]._get_conference_models():
            for email in emails:
                email["email_to"] = [one_line(one) for one in email["email_to"]]
                # These contain names of recipients, too.
                email["headers"] = {
                    name: one_line(value) for name, value in email["headers"].items()
                }
        return emails

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Wake the scheduled action that finds undelivered mails."""
        ours = self.env["mail.message"]._get_conference_models()
        concerned = failure_type and any(mail.model in ours for mail in self)
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        if concerned:
            self.env["resource.booking"]._get_reminder_cron()._trigger()
        return result
