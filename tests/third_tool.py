# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""A third tool with a meeting per booking, as small as docs/architecture.md says.

It answers when a test calls ``_answer``, as Zoom does when its scheduled action runs.
"""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.model_classes import add_to_registry
from odoo.tools import SQL

from ..utils import JoinLink, PhoneNumber, sql_link_digest

TOOL = "sample"
OF_COMPANY = "[('booking_id.type_id.company_id', 'in', company_ids + [False])]"
OF_OWN_BOOKINGS = "[('booking_id.combination_id.resource_ids.user_id', 'in', user.ids)]"


class SampleMeeting(models.Model):
    _module = None
    _name = "booking.sample.meeting"
    _description = "Meeting of a Third Tool"

    booking_id = fields.Many2one("resource.booking", ondelete="set null")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("ready", "Ready"),
            ("changed", "Changed"),
            ("removed", "Removed"),
        ],
        default="waiting",
    )
    start = fields.Datetime()
    stop = fields.Datetime()
    error = fields.Char()
    url = fields.Char()
    passcode = fields.Char()

    def _answer(self, url):
        """What the tool's scheduled action does when the tool has answered."""
        self.write({"state": "ready", "error": False, "url": url, "passcode": "pass-3"})
        self.booking_id._on_join_link_changed()

    def _refuse(self, error):
        self.error = error
        self.booking_id._on_join_link_unavailable()


class SampleType(models.Model):
    _module = None
    _inherit = "resource.booking.type"

    web_conference_tool = fields.Selection(
        selection_add=[(TOOL, "Sample"), ("other",)], ondelete={TOOL: "set default"}
    )
    sample_region = fields.Char()

    @api.depends("web_conference_tool", "sample_region")
    def _compute_conference_warning(self):
        return super()._compute_conference_warning()

    def _get_warnings(self):
        warnings = super()._get_warnings()
        if self.web_conference_tool == TOOL and not self.sample_region:
            warnings.append("Please choose a region.")
        return warnings

    @api.model
    def _get_link_fields(self):
        return super()._get_link_fields() | {"sample_region"}

    def _sync_links(self):
        self.env["resource.booking"].search(
            [("type_id", "in", self.ids)]
        )._sync_sample_meetings()
        return super()._sync_links()


class SampleBooking(models.Model):
    _module = None
    _inherit = "resource.booking"

    sample_ids = fields.One2many("booking.sample.meeting", "booking_id")

    @api.depends("sample_ids.error")
    def _compute_join_link_problem(self):
        return super()._compute_join_link_problem()

    def _sync_sample_meetings(self):
        now = fields.Datetime.now()
        for booking in self.sudo():
            row = booking.sample_ids.filtered(lambda row: row.state != "removed")
            sample = booking.type_id.web_conference_tool == TOOL
            held = booking._is_only_held()
            wanted = sample and booking._needs_own_link() and not held
            if wanted and not row and booking.start > now:
                row.create({"booking_id": booking.id, **booking._get_sample_time()})
            elif wanted and row and row.start != booking.start:
                row.write(booking._get_sample_time())
                row.state = "changed" if row.url else "waiting"
            elif row and not wanted and row.stop > now:
                row.state = "removed"
                booking._on_join_link_unavailable()

    def _get_sample_time(self):
        return {"start": self.start, "stop": self.stop}

    def _get_sample_meeting(self):
        sample = self.type_id.web_conference_tool == TOOL and self._gets_own_link()
        rows = self.sudo().sample_ids
        return rows.filtered(lambda row: sample and row.state != "removed")

    # === WHAT IS ASKED OF A TOOL === #

    def _sync_conference(self):
        self._sync_sample_meetings()
        return super()._sync_conference()

    def _retire_links(self):
        self.sudo().sample_ids.state = "removed"
        return super()._retire_links()

    @api.model
    def _get_link_cases(self):
        waiting = Domain("state", "=", "waiting")
        return {
            **super()._get_link_cases(),
            "sample_ids": [
                ("stuck", waiting & Domain("error", "!=", False)),
                ("waiting", waiting),
                ("ready", Domain("state", "=", "ready")),
                ("changed", Domain("state", "=", "changed")),
            ],
        }

    def _get_join_problem(self):
        return self._get_sample_meeting().error or super()._get_join_problem()

    def _get_join_link(self):
        meeting = self._get_sample_meeting()
        if not meeting.url:
            return super()._get_join_link()
        phone = PhoneNumber("Japan", "+81 3 0000 0000", "", False, "tel:+81300000000")
        return JoinLink(
            meeting.url, False, meeting.passcode, meeting.id, (phone,), "4321"
        )

    def _get_moves_a_day(self):
        sample = self.type_id.web_conference_tool == TOOL
        return 1 if sample else super()._get_moves_a_day()

    def _get_choice_costs(self, choice):
        costs = super()._get_choice_costs(choice)
        rows = self.sudo().sample_ids.filtered(
            lambda row: row.state in ("ready", "changed")
        )
        return [*costs, f"Sample deletes {len(rows)} meetings."] if rows else costs

    @api.model
    def _sql_given_links(self):
        query = SQL(
            """
            SELECT %(tool)s::text AS tool, meeting.booking_id, meeting.id AS link_id,
                   %(digest)s AS digest
              FROM booking_sample_meeting meeting
             WHERE meeting.state IN ('ready', 'changed')""",
            tool=TOOL,
            digest=sql_link_digest(SQL("meeting.url"), SQL("meeting.passcode")),
        )
        return [*super()._sql_given_links(), query]

    @api.model
    def _sql_hopeful_links(self):
        query = SQL(
            """
            SELECT FROM booking_sample_meeting meeting
             WHERE meeting.booking_id = booking.id
               AND meeting.state <> 'removed'"""
        )
        return [*super()._sql_hopeful_links(), query]


TOOL_MODELS = (SampleMeeting, SampleType, SampleBooking)


class ThirdToolMixin:
    """The booking type of a test has the third tool; the registry forgets it afterwards."""

    @classmethod
    def set_up_third_tool(cls):
        extended = [
            cls.registry[model._name]
            for model in TOOL_MODELS
            if model._name in cls.registry
        ]
        for model_class in extended:
            cls.addClassCleanup(
                setattr, model_class, "_base_classes__", model_class._base_classes__
            )
        cls.addClassCleanup(cls.registry.__delitem__, SampleMeeting._name)
        for model in TOOL_MODELS:
            add_to_registry(cls.registry, model)
        cls.registry._setup_models__(cls.env.cr, [])
        names = [model._name for model in TOOL_MODELS]
        cls.registry.init_models(cls.env.cr, names, {"module": "resource_booking_zoom"})
        model_id = cls.env["ir.model"]._get_id(SampleMeeting._name)
        staff = cls.env.ref("resource_booking.group_user")
        cls.env["ir.model.access"].create(
            {
                "name": "staff",
                "model_id": model_id,
                "group_id": staff.id,
                "perm_read": True,
            }
        )
        # Who reads a row reads its link: only those may who read its booking.
        cls.env["ir.rule"].create(
            [
                {"name": "company", "model_id": model_id, "domain_force": OF_COMPANY},
                {
                    "name": "own bookings",
                    "model_id": model_id,
                    "domain_force": OF_OWN_BOOKINGS,
                    "groups": staff.ids,
                },
                {
                    "name": "all",
                    "model_id": model_id,
                    "domain_force": "[(1, '=', 1)]",
                    "groups": cls.env.ref("resource_booking.group_manager").ids,
                },
            ]
        )
        cls.rbt.write({"web_conference_tool": TOOL, "sample_region": "Asia"})
