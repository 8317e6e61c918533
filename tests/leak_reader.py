# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Reads over HTTP whatever a user can read."""

import json
from collections import defaultdict

from odoo.exceptions import AccessError
from odoo.fields import Image, Many2many, One2many

from .leak_finder import RECORDS

# Fields that somebody was refused: they are asked for one by one, so that the
# others of their model are read all the same.
_refused = defaultdict(set)


class Reader:
    """One user, logged in; the public user is not.

    :param case: HttpCase
    :param user: res.users
    """

    def __init__(self, case, user):
        self.case = case
        self.user = user
        self.env = case.env(user=user, su=False)
        if user._is_public():
            case.authenticate(None, None)
        else:
            case.authenticate(user.login, user.login)

    def get(self, url):
        """:return str: the page, or where it redirects to"""
        response = self.case.opener.get(
            self._absolute(url), timeout=30, allow_redirects=False
        )
        text = response.content.decode(errors="replace")
        return f"{response.headers.get('Location', '')}\n{text}"

    def post(self, url, **params):
        """:return str: Odoo's answer as it came"""
        body = {"jsonrpc": "2.0", "method": "call", "id": 0, "params": params}
        return self.case.opener.post(self._absolute(url), json=body, timeout=30).text

    def _absolute(self, url):
        return url if "://" in url else self.case.base_url() + url

    def call(self, model, method, *args, **kwargs):
        """:return str: Odoo's answer as it came"""
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs={"context": {"active_test": False}, **kwargs},
        )

    # === READING === #

    def read_all(self, models):
        """Every readable field of these models.

        :return iterator: of (model, text)
        """
        for model in models:
            if not self.can_read(model):
                continue
            names = self._get_fields(model)
            yield from self._read(model, sorted(names - _refused[model]))
            for name in sorted(names & _refused[model]):
                yield from self._read(model, [name])

    def _get_fields(self, model):
        """Those that can hold a text: neither pictures nor lists of ids."""
        fields = self.env[model]._fields
        return {
            name
            for name in self.env[model].fields_get(attributes=["type"])
            if not isinstance(fields[name], Image | One2many | Many2many)
        }

    def _read(self, model, names):
        """Read these fields together or, when refused, one half and then the other."""
        answer = self.call(
            model, "search_read", [], names, limit=RECORDS, order="id desc"
        )
        yield model, answer
        if not names or not is_refusal(answer):
            return
        if len(names) == 1:
            _refused[model].update(names)
        elif not self._get_ids(model):
            # Some searches fail as a whole. What can be read is read by its id.
            newest = self.env[model].sudo().search([], limit=RECORDS, order="id desc")
            for record in newest:
                yield model, self.call(model, "read", record.ids, names)
        else:
            half = len(names) // 2
            yield from self._read(model, names[:half])
            yield from self._read(model, names[half:])

    def _get_ids(self, model):
        try:
            return self.env[model].search([], limit=RECORDS, order="id desc").ids
        except AccessError:
            return []

    def read_records(self, model, field, ids):
        """Read records by their ids, as if the user had guessed them.

        :return iterator: of (place, text)
        """
        for one in ids:
            yield f"{model}({one}).{field}", self.call(model, "read", [one], [field])

    def can_read(self, model):
        return self.env[model].has_access("read")

    def read_path(self, path):
        """Ways to get at the end of a path that are no search.

        :return iterator: of (place, text)
        """
        ids = self._get_ids(path.model)
        for method, args in {
            "web_search_read": ([], path.specification),
            "formatted_read_group": ([], [path.dotted], ["__count"]),
            "export_data": (ids, ["/".join(path.fields)]),
            "onchange": (ids[:1], {}, [], path.specification),
        }.items():
            yield f"{path}, {method}", self.call(path.model, method, *args)

    # === SEARCHING === #

    def get_oracles(self, path):
        """Ways by which a search tells the user what is at the end of a path.

        :return list: of their names
        """
        model = path.model
        found = []
        if self._tells(path):
            found.append("search")
        if len(path.fields) == 1 and path.dotted not in self._get_fields(model):
            # Else what is read in that order can be read itself.
            answer = self.call(model, "search_read", [], ["id"], order=path.dotted)
            if json.loads(answer).get("result"):
                found.append("order")
        return found

    def _tells(self, path):
        answer = self.call(path.model, "search_count", path.hit)
        if not is_refusal(answer):
            return bool(json.loads(answer)["result"])
        # A refusal tells it, too, if other searches are not refused.
        return not is_refusal(self.call(path.model, "search_count", path.miss))


def is_refusal(answer):
    return "error" in json.loads(answer)
