# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the benches work on: an account, resources, types, thousands of bookings."""

from datetime import datetime, timedelta

from bench_stage import HOSTS, WEBHOOK_SECRET
from sql_clone import clone

from odoo.tools import SQL

SLOT = timedelta(minutes=30)
# The types of the benches of slots and savings offer so many resources.
OFFERED = 8


def prepare(env, account, **_options):
    """Link the account; make resources, types and a customer."""
    zoom_account = env["booking.zoom.account"].create(
        {
            "auth_method": "account_credentials",
            "client_id": "bench-client",
            "client_secret": "bench-secret",
            "zoom_account_id": account,
            "alert_email": "admin@demo.example.com",
            "plan": "pro",
            "webhook_secret": WEBHOOK_SECRET,
        }
    )
    zoom_account.action_connect()
    hosts = zoom_account.zoom_user_ids.sorted("email")
    assert len(hosts) == HOSTS, hosts
    calendar = env.ref("resource_booking_zoom.resource_calendar_always_demo")
    combinations = env["resource.booking.combination"]
    for host in hosts:
        one = env["resource.resource"].create(
            {
                "name": host.name,
                "resource_type": "material",
                "calendar_id": calendar.id,
                "tz": calendar.tz,
                "zoom_user_id": host.id,
            }
        )
        combinations += combinations.create({"resource_ids": [(6, 0, one.ids)]})
    # Each type has the alarm that it would have in real life.
    alarms = {
        "zoom": env.ref("resource_booking_zoom.calendar_alarm_day_demo"),
        "none": env["calendar.alarm"].create(
            {
                "name": "A day before",
                "alarm_type": "email",
                "duration": 1,
                "interval": "days",
                "mail_template_id": env.ref(
                    "calendar.calendar_template_meeting_reminder"
                ).id,
            }
        ),
    }
    for tool, alarm in alarms.items():
        env["resource.booking.type"].create(
            {
                "name": f"Bench {tool}",
                "resource_calendar_id": calendar.id,
                "duration": 0.5,
                "slot_duration": 0.5,
                "modifications_deadline": 0,
                "combination_assignment": "sorted",
                "web_conference_tool": tool,
                "alarm_ids": [(6, 0, alarm.ids)],
                "combination_rel_ids": [
                    (0, 0, {"combination_id": one.id, "sequence": number})
                    for number, one in enumerate(combinations[:OFFERED])
                ],
            }
        )
    env["res.partner"].create(
        {"name": "Bench Customer", "email": "customer@bench.example"}
    )
    env.cr.commit()


def first_slot(days=3):
    """The beginning of a day, naive UTC."""
    now = datetime.utcnow() + timedelta(days=days)
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def type_with(env, tool):
    return env["resource.booking.type"].search([("name", "=", f"Bench {tool}")])


def book(env, tool, start, **values):
    """A booking as staff make it."""
    customer = env["res.partner"].search([("email", "=", "customer@bench.example")])
    return env["resource.booking"].create(
        {
            "type_id": type_with(env, tool).id,
            "partner_ids": [(6, 0, customer.ids)],
            "start": start,
            **values,
        }
    )


def add_bookings(env, tool, count, state="waiting", start=None, step=SLOT, hosts=HOSTS):
    """So many scheduled bookings with event, attendees, alarm and meeting row.

    One is made by the platform, the others are copies of its rows: the platform would
    take an hour for 10,000.

    :param str state: of the meeting rows
    :param int hosts: by how many resources the bookings are taken in turn
    """
    start = start or first_slot()
    booking = book(env, tool, first_slot(days=400))
    env.flush_all()
    event = booking.meeting_id
    combinations = env["resource.booking.combination"].search(
        [("zoom_user_id.email", "like", "bench")], order="id", limit=hosts
    )
    times = {
        "start": SQL("%s + (n / %s) * %s", start, hosts, step),
        "stop": SQL("%s + (n / %s) * %s + %s", start, hosts, step, SLOT),
    }
    event_id = clone(event, count, **times)
    for attendee in event.attendee_ids:
        clone(
            attendee,
            count,
            event_id=event_id,
            access_token=SQL("md5(random()::text)"),
        )
    booking_id = clone(
        booking,
        count,
        **times,
        meeting_id=event_id,
        access_token=SQL("NULL"),
        combination_id=choose(combinations.ids),
    )
    for table, column, record, new in (
        ("calendar_event_res_partner_rel", "calendar_event_id", event, event_id),
        ("calendar_alarm_calendar_event_rel", "calendar_event_id", event, event_id),
        (
            "res_partner_resource_booking_rel",
            "resource_booking_id",
            booking,
            booking_id,
        ),
    ):
        clone_links(env, table, column, record, count, new)
    row = booking.sudo().zoom_meeting_ids
    if row:
        ready = {
            "state": state,
            "zoom_id": SQL("(81000000000 + n)::text"),
            "join_url": SQL("'https://zoom.us/j/' || (81000000000 + n)"),
            "passcode": "123456",
        }
        clone(
            row,
            count,
            **times,
            booking_id=booking_id,
            zoom_user_id=choose(combinations.zoom_user_id.ids),
            **(ready if state == "ready" else {"state": state}),
        )
    booking.unlink()
    env["booking.zoom.meeting"].search([("booking_id", "=", False)]).unlink()
    env.invalidate_all()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def let_any_host(env, count):
    """Let any of so many Zoom users host the bookings of the type, none of a resource."""
    hosts = env["booking.zoom.user"].search([], order="email", limit=count)
    # By SQL: the meetings of thousands of bookings would be looked through.
    env.cr.execute("UPDATE resource_resource SET zoom_user_id = NULL")
    env.cr.execute("UPDATE resource_booking_combination SET zoom_user_id = NULL")
    env.cr.execute(
        "INSERT INTO booking_zoom_host (type_id, zoom_user_id, sequence)"
        " SELECT %s, id, id FROM booking_zoom_user WHERE id IN %s",
        [type_with(env, "zoom").id, hosts._ids],
    )
    env.invalidate_all()
    env.cr.commit()


def add_history(env, count):
    """So many bookings that are over, and the mails of their reminders."""
    if not count:
        return
    # All of them end before today.
    start = first_slot(days=-1) - (count // HOSTS + 1) * SLOT
    add_bookings(env, "zoom", count, "ready", start=start)
    env.cr.execute(
        """
        INSERT INTO booking_conference_mail
               (event_id, partner_id, person, alarm_id, type_id, kind, start, stop,
                calendar_uid, link_id, link_digest, address_digest, create_date)
        SELECT event.id, attendee.partner_id, attendee.partner_id, rel.calendar_alarm_id,
               booking.type_id, 'reminder', event.start, event.stop,
               'event-' || event.id, meeting.id, md5(meeting.join_url), 'digest',
               event.start
          FROM calendar_event event
          JOIN resource_booking booking ON booking.meeting_id = event.id
          JOIN booking_zoom_meeting meeting ON meeting.booking_id = booking.id
          JOIN calendar_attendee attendee ON attendee.event_id = event.id
          JOIN calendar_alarm_calendar_event_rel rel ON rel.calendar_event_id = event.id
         WHERE event.stop < now() AT TIME ZONE 'UTC'
        """
    )
    env.cr.execute("ANALYZE")
    env.cr.commit()


def choose(ids):
    """One of the ids after another."""
    return SQL("(%s::int[])[n %% %s + 1]", ids, len(ids))


def clone_links(env, table, column, record, count, new_id):
    """Copy a record's rows in a table between two models."""
    (other,) = set(_columns(env, table)) - {column}
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s, %s) SELECT %s, t.%s FROM %s t, "
            "generate_series(0, %s - 1) n WHERE t.%s = %s",
            SQL.identifier(table),
            SQL.identifier(column),
            SQL.identifier(other),
            new_id,
            SQL.identifier(other),
            SQL.identifier(table),
            count,
            SQL.identifier(column),
            record.id,
        )
    )


def _columns(env, table):
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        [table],
    )
    return [name for (name,) in env.cr.fetchall()]


def fill(env, count, **_options):
    add_bookings(env, "zoom", count)
