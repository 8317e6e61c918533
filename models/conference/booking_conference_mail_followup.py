# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.tools import SQL

from ...const import CURRENT_STATES, WEB_CONFERENCE_TOOLS
from ...utils import known_zone, own_time
from .booking_conference_mail import MAILS_TOGETHER
from .link_digest import address_digest, sql_link_digest

DIGEST = sql_link_digest(
    SQL(
        "CASE type.web_conference_tool WHEN 'other' THEN type.videocall_location "
        "ELSE meeting.join_url END"
    ),
    SQL("meeting.passcode"),
)


def sql_hosted(alias):
    """Whether the Zoom user of a meeting can host it, see ``_can_host``.

    :param str alias: of booking_zoom_meeting
    """
    return SQL(
        "EXISTS (SELECT FROM booking_zoom_user host WHERE host.id = %s"
        " AND host.active AND host.status = 'active')",
        SQL.identifier(alias, "zoom_user_id"),
    )


# The current meeting works, or another one follows soon, or the one that people were told
# works as long as it does not.
HOPEFUL = SQL(
    """
    (meeting.state <> 'waiting' AND %(hosted)s
     OR meeting.state = 'waiting'
    AND (told.meeting_id IS NULL
         OR %(hosted)s
        AND (meeting.problem IS NULL OR meeting.problem IN ('unavailable', 'unclear'))
         OR EXISTS (
            SELECT FROM booking_zoom_meeting former
             WHERE former.id = told.meeting_id
               AND former.successor_id = meeting.id
               AND former.state = 'removing'
               AND %(former_hosted)s)))
    """,
    hosted=sql_hosted("meeting"),
    former_hosted=sql_hosted("former"),
)


class BookingConferenceMail(models.Model):
    """The mails that follow when what people were told is not true any more.

    What to send follows from comparing the ledger with what is, never from an
    event that could be missed.
    """

    _inherit = "booking.conference.mail"

    @api.model
    def _get_work(self):
        return [
            *(("_replace_known_link", one) for one in self._get_known_by_leavers()),
            *super()._get_work(),
            *(("_follow_up", (one,)) for one in self._get_events_to_follow_up()),
            *(("_tell_dead", one) for one in self._get_dead()),
        ]

    # === A LINK THAT COMES LATE, OR ANOTHER ONE === #

    @api.model
    def _get_events_to_follow_up(self):
        """Events some of whose attendees must be told the link, soonest first."""
        return list(dict.fromkeys(event_id for event_id, *_rest in self._get_untold()))

    @api.model
    def _get_untold(self, event_ids=None):
        """Attendees who do not know the link of now, and should.

        Who knew another one; who was reminded, or told that the link was dead, while
        there was none; everybody where it is told as soon as it is issued.

        :return list: of (event id, kind of the mail, attendee ids)
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT event.id,
                       CASE WHEN told.link_digest IS NULL THEN 'link' ELSE 'changed' END
                         AS kind,
                       array_agg(DISTINCT attendee.id)
                  FROM resource_booking booking
                  JOIN resource_booking_type type ON type.id = booking.type_id
                  JOIN calendar_event event ON event.id = booking.meeting_id
             LEFT JOIN booking_zoom_meeting meeting
                    ON meeting.booking_id = booking.id
                   AND meeting.state IN ('ready', 'changed')
                   AND meeting.join_url <> ''
                   AND type.web_conference_tool = 'zoom'
                   AND (meeting.problem IS NULL
                        OR meeting.problem NOT IN ('shared_link', 'host_refused'))
                   AND %(hosted)s
                  JOIN calendar_attendee attendee ON attendee.event_id = event.id
                  JOIN res_partner partner ON partner.id = attendee.partner_id
             LEFT JOIN booking_conference_mail told
                    ON told.event_id = event.id
                   AND told.partner_id = attendee.partner_id
                   AND told.superseded IS NOT TRUE
                 WHERE booking.active
                   AND event.active
                   AND event.stop > %(now)s
                   AND (%(events)s IS NULL OR event.id = ANY(%(events)s))
                   AND type.web_conference_tool IN %(tools)s
                   AND (type.web_conference_tool = 'other' OR meeting.id IS NOT NULL)
                   AND attendee.state IS DISTINCT FROM 'declined'
                   AND partner.email <> ''
                   AND NOT %(pauses)s
                   AND (told.link_digest <> %(digest)s
                        OR told.link_digest IS NULL
                       AND (type.link_disclosure = 'issued'
                            OR told.id IS NOT NULL
                           AND EXISTS (
                               SELECT FROM calendar_alarm_calendar_event_rel rel
                                 JOIN calendar_alarm alarm
                                   ON alarm.id = rel.calendar_alarm_id
                                WHERE rel.calendar_event_id = event.id
                                  AND alarm.alarm_type = 'email'
                                  AND event.start - alarm.duration_minutes
                                      * interval '1 minute' <= %(now)s)))
              GROUP BY 1, 2
              ORDER BY event.start, event.id
                """,
                now=fields.Datetime.now(),
                events=event_ids,
                tools=WEB_CONFERENCE_TOOLS,
                digest=DIGEST,
                pauses=self._sql_pauses(
                    SQL("failed.event_id = event.id"), SQL("partner")
                ),
                hosted=sql_hosted("meeting"),
            )
        )

    @api.model
    def _follow_up(self, due):
        """Tell attendees of these events the link that they do not know yet.

        :param list due: of (event id,), and id of the attendee after whom it goes on,
            if so
        :return list: those of which there are more to send
        """
        after = {event_id: rest for event_id, *rest in due}
        if self._are_mails_blocked():
            return []
        room, left = 2 * MAILS_TOGETHER, {}
        for event_id, kind, attendee_ids in self._get_untold(list(after)):
            attendees = (
                self.env["calendar.attendee"].browse(attendee_ids)._filter_may_join()
            )
            self._note_unreachable(attendees)
            booking = attendees.event_id._get_conference_booking()
            if (
                not attendees
                or not booking._has_conference_link()
                or self._waits_for_link(booking)
            ):
                continue
            if room <= 0:
                left[event_id] = (event_id, *after[event_id])
                continue
            attendees, more_after = attendees._take_some(
                MAILS_TOGETHER, *after[event_id]
            )
            room -= len(attendees)
            if attendees:
                self._tell(attendees, kind)
            if more_after:
                # Of two kinds of mails the one that got less far.
                before = left.get(event_id, (event_id, more_after))[1]
                left[event_id] = (event_id, min(before, more_after))
        return list(left.values())

    # === A LINK THAT WORKS NO LONGER === #

    @api.model
    def _get_dead(self, row_ids=None):
        """Entries of people who know a link that is of no use to them any more.

        The booking was cancelled, they left it, it has no web conference now, its Zoom
        user cannot host any more, or its meeting was deleted in Zoom and no other one
        can be issued soon. Who declined knows it.

        :return list: of ids, soonest start first
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT told.id
                  FROM booking_conference_mail told
             LEFT JOIN calendar_event event ON event.id = told.event_id
             LEFT JOIN resource_booking booking
                    ON booking.meeting_id = event.id AND booking.active
             LEFT JOIN resource_booking_type type
                    ON type.id = booking.type_id
                   AND type.web_conference_tool IN %(tools)s
             LEFT JOIN calendar_attendee attendee
                    ON attendee.event_id = event.id
                   AND attendee.partner_id = told.partner_id
             LEFT JOIN res_partner partner ON partner.id = told.partner_id
                 WHERE told.superseded IS NOT TRUE
                   AND told.link_digest IS NOT NULL
                   AND NOT %(pauses)s
                   AND (%(rows)s IS NULL OR told.id = ANY(%(rows)s))
                   AND CASE WHEN attendee.id IS NULL THEN told.stop ELSE event.stop END
                       > %(now)s
                   AND (attendee.id IS NULL
                        OR event.active IS NOT TRUE
                        OR type.id IS NULL
                        OR type.web_conference_tool = 'zoom'
                       AND attendee.state IS DISTINCT FROM 'declined'
                       AND NOT EXISTS (
                           SELECT FROM booking_zoom_meeting meeting
                            WHERE meeting.booking_id = booking.id
                              AND meeting.state IN %(current)s
                              AND %(hopeful)s))
              ORDER BY told.start, told.id
                """,
                now=fields.Datetime.now(),
                rows=row_ids,
                tools=WEB_CONFERENCE_TOOLS,
                current=CURRENT_STATES,
                pauses=self._sql_pauses(
                    SQL("failed.calendar_uid = told.calendar_uid"), SQL("partner")
                ),
                hopeful=HOPEFUL,
            )
        )
        return list(dict.fromkeys(row_id for (row_id,) in rows))

    @api.model
    def _tell_dead(self, row_ids):
        """Tell people that the link that they know works no longer."""
        told = self.browse(self._get_dead(row_ids))
        template = self.env.ref(
            "resource_booking_zoom.mail_template_cancelled", raise_if_not_found=False
        )
        if not told or not template or self._are_mails_blocked():
            return
        # Whoever was deleted cannot be told.
        told.filtered(lambda one: not one.partner_id).superseded = True
        told = told.filtered(lambda one: one.partner_id._can_get_mail())
        entries = told._take_one_a_person()._supersede()
        mails = template.send_mail_batch(
            entries.ids, email_layout_xmlid="resource_booking_zoom.mail_layout"
        )
        entries._keep_messages(self._note_recipients(mails))

    def _take_one_a_person(self):
        """The last entry of each person; the others are superseded.

        Two contacts may have been merged, who were told a link each.
        """
        last = {}
        for told in self:
            same = told._get_of_same_person().filtered(lambda one: not one.superseded)
            last[told.partner_id, told.calendar_uid] = (told | same).sorted("id")[-1]
            same.superseded = True
        return self.browse([told.id for told in last.values()])

    @api.model
    def _note_recipients(self, mails):
        """Let the platform note what becomes of these mails, as it does of others.

        :param mails: mail.mail about entries of the ledger, each to one contact
        :return dict: contact's id -> id of the mail.message
        """
        mails.is_notification = True
        notes = self.env["mail.notification"].create(
            [
                {
                    "mail_mail_id": mail.id,
                    "mail_message_id": mail.mail_message_id.id,
                    "res_partner_id": mail.recipient_ids.id,
                    "notification_type": "email",
                    "is_read": True,
                }
                for mail in mails
            ]
        )
        return {note.res_partner_id.id: note.mail_message_id.id for note in notes}

    def _supersede(self, kind="cancelled", **values):
        """Enter what these people know now: that their link works no longer.

        :param str kind: another one than "cancelled" keeps what they knew
        :param values: of the new entries, where they differ from these
        """
        self.superseded = True
        entries = self.create(
            [
                {
                    **told._read_format(
                        [
                            "event_id",
                            "partner_id",
                            "type_id",
                            "company_id",
                            "start",
                            "stop",
                            "tz",
                            "calendar_uid",
                            "organizer_id",
                            "meeting_id",
                        ],
                        load=None,
                    )[0],
                    "person": told.partner_id.id,
                    "address_digest": address_digest(told.partner_id)
                    if kind == "cancelled"
                    else told.address_digest,
                    # Replaced by that of an own mail, where there is one.
                    "mail_message_id": told.mail_message_id.id,
                    "kind": kind,
                    "reason": kind == "cancelled" and told._get_dead_reason(),
                    "link_digest": kind != "cancelled" and told.link_digest,
                    **values,
                }
                for told in self
            ]
        )
        self.env.flush_all()
        return entries

    def _get_own_time(self):
        """When the booking was to begin by the clock of somebody elsewhere."""
        zone = known_zone(self.tz, "UTC")
        return own_time(self.partner_id, self.start, zone)

    def _get_dead_reason(self):
        event = self.event_id
        booking = event.resource_booking_ids.filtered("active")
        if not event.active or not booking:
            # A deleted booking type leaves the event, but no booking.
            return "cancelled"
        if self.partner_id not in event.attendee_ids.partner_id:
            return "left"
        return "dead"

    # === PEOPLE WHO LEAVE === #

    @api.model
    def _note_leaving(self, attendees):
        """Attendees are about to be removed, with their event or from it, or it ends.

        Note what will not be known after: when it would have been. Whoever did it is
        told like everybody else, for the link is in the calendar of that person, too.
        """
        now = fields.Datetime.now()
        pairs = {(one.event_id.id, one.partner_id.id) for one in attendees}
        told = self.search(
            [
                ("event_id", "in", attendees.event_id.ids),
                ("partner_id", "in", attendees.partner_id.ids),
                ("superseded", "=", False),
                ("kind", "!=", "cancelled"),
                # As far as they know, or in truth.
                "|",
                ("stop", ">", now),
                ("event_id.stop", ">", now),
            ]
        ).filtered(lambda one: (one.event_id.id, one.partner_id.id) in pairs)
        for event, of_event in told.grouped("event_id").items():
            times = {"start": event.start, "stop": event.stop}
            moved = of_event.filtered(
                lambda one, times=times: any(one[name] != times[name] for name in times)
            )
            # Not on the same entry: a reminder for that time may have been before.
            moved._supersede("calendar", **times)
        if told:
            self.env["resource.booking"]._get_reminder_cron()._trigger()

    # === A LINK THAT SOMEBODY KNOWS WHO LEFT === #

    @api.model
    def _get_known_by_leavers(self, meeting_ids=None):
        """Meetings to come whose link is known to somebody who takes no part any more.

        Also those that are replaced already, as long as something that does not pass
        soon, as the limit, keeps the new one from being issued.

        :return list: of ids of booking.zoom.meeting, soonest first
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT meeting.id
                  FROM booking_zoom_meeting meeting
                  JOIN resource_booking booking ON booking.id = meeting.booking_id
             LEFT JOIN booking_zoom_meeting successor
                    ON successor.id = meeting.successor_id
                 WHERE (meeting.state IN ('ready', 'changed') AND %(hosted)s
                        OR meeting.state = 'removing'
                       AND successor.state = 'waiting'
                       AND successor.problem NOT IN ('unavailable', 'unclear'))
                   AND meeting.start > %(now)s
                   AND (%(meetings)s IS NULL OR meeting.id = ANY(%(meetings)s))
                   AND EXISTS (
                       SELECT FROM booking_conference_mail told
                        WHERE told.meeting_id = meeting.id
                          AND told.link_digest = %(digest)s
                          AND NOT EXISTS (
                              SELECT FROM calendar_attendee attendee
                               WHERE attendee.event_id = booking.meeting_id
                                 AND attendee.partner_id = told.partner_id
                                 AND attendee.state IS DISTINCT FROM 'declined'))
              ORDER BY meeting.start, meeting.id
                """,
                now=fields.Datetime.now(),
                meetings=meeting_ids,
                digest=sql_link_digest(
                    SQL("meeting.join_url"), SQL("meeting.passcode")
                ),
                hosted=sql_hosted("meeting"),
            )
        )
        return [meeting_id for (meeting_id,) in rows]

    @api.model
    def _replace_known_link(self, meeting_ids):
        """Give those who remain another link than those who left know."""
        meetings = self.env["booking.zoom.meeting"]
        meetings.browse(self._get_known_by_leavers(meeting_ids))._replace_or_keep()
