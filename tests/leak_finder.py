# Copyright 2026 the resource_booking_zoom contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Where secrets lie in the database, and by which relations they are reached.

Both are looked up, never listed here: a new model or field is found by itself.
"""

from dataclasses import dataclass

from odoo.fields import Image
from odoo.tools import SQL

# The newest of each model: what a test made is among them.
RECORDS = 30
# Of fields that can hold a text, also an encoded one.
TEXT_TYPES = ("char", "text", "html", "binary", "json", "properties")
# So many relations lead from where a search begins to where the secret lies.
HOPS = 2


@dataclass(frozen=True)
class Path:
    """A field that holds a secret, as seen from some model."""

    model: str
    fields: tuple
    # The model that the last of the fields belongs to.
    holder: str
    # A secret text, which a search by this field finds.
    text: str

    def __str__(self):
        return f"{self.model}.{'.'.join(self.fields)}"

    @property
    def dotted(self):
        return ".".join(self.fields)

    @property
    def hit(self):
        """A domain that finds the secret."""
        return [[self.dotted, "ilike", self.text]]

    @property
    def miss(self):
        """One like it that finds nothing."""
        return [[self.dotted, "ilike", f"{self.text}-no"]]

    @property
    def specification(self):
        """The path as web_read wants it."""
        tree = {}
        for name in reversed(self.fields):
            tree = {name: {"fields": tree} if tree else {}}
        return tree


class Finder:
    """Looks everywhere as the superuser.

    :param env: any
    :param list secrets: of Secrets
    """

    def __init__(self, env, secrets):
        self.env = env(su=True, context={"active_test": False, "lang": "en_US"})
        self.secrets = secrets
        self.texts = [text for one in secrets for text in one.texts]
        self.models = self._get_written_models()
        # (model, field) -> the records that hold a secret there
        self.holders = {}
        for name in self.models:
            self._look_into(self.env[name])

    def _get_written_models(self):
        """Models with rows of this test: older rows cannot know its secrets."""
        self.env.flush_all()
        return [
            name
            for name in stored_models(self.env)
            if not self.env[name]._auto or self._is_written(self.env[name]._table)
        ]

    def _is_written(self, table):
        query = SQL(
            "SELECT FROM %s WHERE xmin::text::bigint >= "
            "pg_current_xact_id()::xid::text::bigint LIMIT 1",
            SQL.identifier(table),
        )
        self.env.cr.execute(query)
        return bool(self.env.cr.rowcount)

    def _look_into(self, model):
        names = [
            name
            for name, field in model._fields.items()
            if field.type in TEXT_TYPES and not isinstance(field, Image)
        ]
        records = model.search([], limit=RECORDS, order="id desc")
        for record, values in zip(records, records.read(names), strict=True):
            for name in names:
                if self._is_secret(values[name]):
                    key = model._name, name
                    self.holders[key] = self.holders.get(key, record) | record

    def _is_secret(self, value):
        text = value.decode() if isinstance(value, bytes) else str(value or "")
        return any(secrets.found_in(text) for secrets in self.secrets)

    def get_paths(self):
        """All ways by which a search could tell a secret.

        :return list: of Path; each does tell it to the superuser
        """
        layer = [
            path
            for model, field in self._get_searched_fields()
            for path in self._get_direct_paths(model, field)
        ]
        reached = {}
        for (model, _field), records in self.holders.items():
            reached[model] = reached.get(model, records) | records
        paths = list(layer)
        for _hop in range(HOPS):
            layer, reached = self._go_back(layer, reached)
            paths += layer
            # Farther away, one field of a model stands for its others.
            layer = {(path.fields[:-1], path.holder): path for path in layer}.values()
        return paths

    def _get_searched_fields(self):
        """Fields that hold a secret, and those whose search is a method of its own."""
        yield from self.holders
        for model in self.models:
            for name, field in self.env[model]._fields.items():
                own = not field.store and field.search and field.type in TEXT_TYPES
                if own and (model, name) not in self.holders:
                    yield model, name

    def _get_direct_paths(self, model, field):
        for text in self.texts:
            path = Path(model, (field,), model, text)
            if self._tells(path):
                return [path]
        return []

    def _go_back(self, layer, reached):
        """One relation farther from the secret."""
        found, arrived = [], {}
        for name in self.models:
            for field in self.env[name]._fields.values():
                if not field.relational or field.comodel_name not in reached:
                    continue
                ids = reached[field.comodel_name].ids
                records = self._search(name, [(field.name, "in", ids)])
                if not records:
                    continue
                arrived[name] = arrived.get(name, records) | records
                for path in layer:
                    if path.model == field.comodel_name:
                        fields = (field.name, *path.fields)
                        farther = Path(name, fields, path.holder, path.text)
                        if self._tells(farther):
                            found.append(farther)
        return found, arrived

    def _tells(self, path):
        return bool(self._search(path.model, path.hit)) and not self._search(
            path.model, path.miss
        )

    def _search(self, model, domain):
        """What a search finds; nothing where the field cannot be searched."""
        try:
            with self.env.cr.savepoint(flush=False):
                return self.env[model].search(domain, limit=RECORDS)
        except Exception:
            return self.env[model]


def stored_models(env):
    """Names of the models that have records."""
    return sorted(
        name
        for name, model in env.items()
        if not model._abstract and not model._transient
    )
