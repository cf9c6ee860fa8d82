"""Values within a value: an embedded model, or a list of them, that is cast by its own changeset.

    class Address(BaseModel):
        street: str = ""
        zip: str = ""

        @classmethod
        def changeset(cls, address: Address, attrs: Attrs) -> Changeset[Address]:
            return cast(address, attrs, ["street", "zip"]).validate_required("zip")

    cast(order, attrs, ["note"]).cast_embed("address", Address.changeset)

A complaint of the inner changeset has a path: `address.zip`, and in a list `lines.0.price`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Self, cast, get_args, get_origin

from pydantic import BaseModel

from myapp.kit.changeset import messages
from myapp.kit.changeset.casting import inner_type
from myapp.kit.changeset.core import Core, same

type Builder = Callable[[Any, Mapping[str, object]], Core[Any]]

MAX_ITEMS: Final = 1_000

_PLACE = re.compile("[0-9]{1,6}")


class Embeds[T: BaseModel](Core[T]):
    """Casting of embedded values."""

    def cast_embed(self, name: str, builder: Builder, *, required: bool = False) -> Self:
        """Cast what was sent for the embedded field `name` with `builder(embedded, params)`.

        A list is sent as a list, or as forms do, as a mapping of positions (`{"0": {…}, "1": {…}}`). An item with the
        `id` of one that is there changes it; others are new; what is not sent again is gone.
        """
        if name not in self.params:
            missing = required and self.original.get(name) is None and name not in self.changes
            return self._blank(name) if missing else self
        raw = self.params[name]
        kind: Any = inner_type(type(self.data).model_fields[name].annotation)
        if get_origin(kind) is list:
            return self._cast_many(name, raw, get_args(kind)[0], builder, required=required)
        if raw is None or raw == "":
            return self._blank(name) if required else self.put_change(name, None)
        if not isinstance(raw, Mapping):
            return self.add_error(name, messages.INVALID, validation="cast")
        was = self.original.get(name)
        part = builder(was if was is not None else kind.model_construct(), cast("Mapping[str, object]", raw))
        unchanged = was is not None and part.valid and not part.changes
        return self if unchanged else self._with(changes={**self.changes, name: part})

    def _cast_many(self, name: str, raw: object, kind: type[BaseModel], builder: Builder, *, required: bool) -> Self:
        sent = _items(raw)
        if sent is None:
            return self.add_error(name, messages.INVALID, validation="cast")
        if not sent and required:
            return self._blank(name)
        if len(sent) > MAX_ITEMS:
            return self.add_error(name, messages.TOO_MANY_ITEMS, count=MAX_ITEMS, validation="length", kind="max")
        was = cast("list[Any]", self.original.get(name) or [])
        by_id = {str(item.id): item for item in was if hasattr(item, "id")}
        parts = tuple(builder(by_id.get(str(item.get("id")), None) or kind.model_construct(), item) for item in sent)
        now = [part.apply() for part in parts]
        if all(part.valid for part in parts) and same(was, now):
            return self
        return self._with(changes={**self.changes, name: parts})

    def _blank(self, name: str) -> Self:
        return self.add_error(name, messages.BLANK, validation="required")


def _items(raw: object) -> list[Mapping[str, object]] | None:
    """The mappings that were sent, in order; None when they are something else."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, Mapping):
        places = cast("Mapping[object, object]", raw)
        if not all(isinstance(place, str) and _PLACE.fullmatch(place) for place in places):
            return None
        raw = [places[place] for place in sorted(places, key=lambda place: int(str(place)))]
    items = cast("list[object]", raw) if isinstance(raw, list) else [None]
    return cast("list[Mapping[str, object]]", items) if all(isinstance(item, Mapping) for item in items) else None
