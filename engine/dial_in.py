# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

"""Which telephone numbers of a meeting are kept. Pure functions."""

from dataclasses import asdict

# Of each country. Zoom has a dozen of some.
MOST_NUMBERS = 3


def choose_numbers(numbers, countries):
    """The numbers to keep, free ones first, by country.

    :param tuple numbers: of `zoom_answers.DialIn`
    :param countries: codes of the chosen ones
    :return dict: code -> list of dicts, empty where Zoom has no number
    """
    chosen = {}
    for country in sorted(countries):
        found = [one for one in numbers if one.country == country]
        found.sort(key=lambda one: not one.is_free)
        chosen[country] = [_to_dict(one) for one in found[:MOST_NUMBERS]]
    return chosen


def _to_dict(number):
    values = asdict(number)
    del values["country"]
    return values
