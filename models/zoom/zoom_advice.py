# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from ... import exceptions as zoom


def advice(env, error):
    """What a failure of Zoom means and what to do, in the reader's language.

    :param env: environment that decides the language
    :param ZoomError error: as the client raised it
    :return str: one or two sentences, Zoom's own message at the end
    """
    told = str(error)
    if isinstance(error, zoom.ZoomScopeMissing):
        return env._(
            "The Zoom app lacks the scopes %(scopes)s. Add them to the app in the "
            "Zoom App Marketplace, then connect the account again. (%(told)s)",
            scopes=", ".join(error.scopes) or "?",
            told=told,
        )
    sentences = {
        zoom.ZoomClientRefused: env._(
            "Zoom does not accept the client ID or the client secret. Compare both "
            "with the page “App Credentials” of your Zoom app."
        ),
        zoom.ZoomCodeRefused: env._(
            "Zoom did not accept the authorization: it had expired, was used before, or "
            "the redirect URL of the app differs. Please connect the account again."
        ),
        zoom.ZoomConnectionLost: env._(
            "The connection to Zoom is no longer valid. Please connect the account "
            "again."
        ),
        zoom.ZoomTokenInvalid: env._(
            "Zoom does not accept the access token. Please connect the account again."
        ),
        zoom.ZoomAccessDenied: env._(
            "Zoom denies access. The person who gave consent must be a Zoom "
            "administrator and allow shared access permissions."
        ),
        zoom.ZoomHostUnknown: env._(
            "Zoom no longer knows this Zoom user. Choose another one."
        ),
        zoom.ZoomHostMayNotHost: env._(
            "This Zoom user may not host meetings. Give the user a Zoom license for "
            "meetings, or choose another Zoom user."
        ),
        zoom.ZoomMeetingGone: env._("Zoom no longer knows this meeting."),
        zoom.ZoomHostDayLimit: env._(
            "This Zoom user has used its 100 Zoom requests for today. Waiting meetings "
            "are created automatically after 00:00 UTC."
        ),
        zoom.ZoomAccountDayLimit: env._(
            "The Zoom account has reached its daily limit. Odoo continues automatically "
            "when Zoom accepts requests again."
        ),
        zoom.ZoomDayLimit: env._(
            "One of Zoom's daily limits is reached. Odoo continues automatically when "
            "Zoom accepts requests again."
        ),
        zoom.ZoomSecondLimit: env._(
            "Zoom received too many requests per second. Odoo retries automatically."
        ),
        zoom.ZoomBadAnswer: env._(
            "Zoom's answer cannot be used. Please try again in a few minutes."
        ),
        zoom.ZoomUnavailable: env._(
            "Zoom could not be reached. Please try again in a few minutes."
        ),
        zoom.ZoomOutcomeUnknown: env._(
            "Zoom's answer did not arrive. Please try again in a few minutes."
        ),
        zoom.ZoomRejected: env._("Zoom refuses the request."),
    }
    for cause, sentence in sentences.items():
        if isinstance(error, cause):
            return f"{sentence} ({told})" if told else sentence
    return told
