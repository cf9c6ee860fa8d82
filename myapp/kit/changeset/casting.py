"""From what somebody sent to what a field holds: pydantic does the reading, and nothing it says reaches a person.

What always holds: a cast either returns a value that PostgreSQL will take for that field, or raises `CastError`; it
raises nothing else, whatever it is given. So text has no NUL and no lone surrogate, integers fit their column, numbers
are finite, times are aware and in UTC (as Ecto's `:utc_datetime`, a time without an offset is taken to be in UTC).

    >>> from pydantic import BaseModel
    >>> class Seat(BaseModel):
    ...     number: int = 1
    >>> cast = caster(Seat, "number")
    >>> cast(" 12 "), cast(""), cast(None)
    (12, 1, None)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, cast, get_args, get_origin

import orjson
import sqlalchemy as sa
from annotated_types import Ge, Le, MaxLen
from pydantic import AfterValidator, BaseModel, ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import PydanticUndefined

from myapp.kit.changeset import messages

MAX_DEPTH: Final = 32
MAX_NODES: Final = 100_000
MAX_EXPONENT: Final = 16_000  # PostgreSQL's numeric has up to 16,383 digits after the point

type Cast = Callable[[object], object]

_TEXTS: Final = {
    "string_too_short": (messages.TOO_SHORT, "count", "min_length"),
    "string_too_long": (messages.TOO_LONG, "count", "max_length"),
    "too_short": (messages.TOO_FEW_ITEMS, "count", "min_length"),
    "too_long": (messages.TOO_MANY_ITEMS, "count", "max_length"),
    "greater_than": (messages.NOT_GREATER, "number", "gt"),
    "greater_than_equal": (messages.TOO_SMALL, "number", "ge"),
    "less_than": (messages.NOT_LESS, "number", "lt"),
    "less_than_equal": (messages.TOO_GREAT, "number", "le"),
}


class CastError(Exception):
    """The value can't be the field's; `message` and `opts` say why as a changeset's error does."""

    def __init__(self, message: str = messages.INVALID, **opts: object) -> None:
        super().__init__(message)
        self.message = message
        self.opts = opts


@cache
def caster(model: type[BaseModel], name: str) -> Cast:
    """How field `name` of `model` reads a parameter. Raises ValueError when there is no such field."""
    info = model.model_fields.get(name)
    if info is None:
        raise ValueError(f"{model.__name__} has no field {name!r} to cast")
    annotation = info.rebuild_annotation()
    column = _column(model, name)
    if column is not None:
        annotation = fitting(annotation, column.type)
    if column is not None and isinstance(column.type, sa.JSON):
        annotation = Annotated[annotation, AfterValidator(_jsonable)]
    default = info.get_default(call_default_factory=False)
    factory = info.default_factory
    if factory is not None:
        make = cast("Callable[[], object]", factory)
    else:
        make = lambda: None if default is PydanticUndefined else default  # noqa: E731
    return _caster(annotation, make)


@cache
def annotation_caster(annotation: object) -> Cast:
    """How a virtual field of this type reads a parameter."""
    return _caster(annotation, lambda: None)


def _caster(annotation: object, default: Callable[[], object]) -> Cast:
    read = _reader(annotation)
    drops_blanks = _is_list(annotation)

    def cast_parameter(raw: object) -> object:
        if raw is None:
            return None
        if isinstance(raw, str):
            if not raw or raw.isspace():
                return default()
        elif drops_blanks and isinstance(raw, list):
            raw = [item for item in cast("list[object]", raw) if not (isinstance(item, str) and not item.strip())]
        return read(raw)

    return cast_parameter


@cache
def reader(annotation: object) -> Cast:
    """How a value of this type is read, blank or not."""
    return _reader(annotation)


def _reader(annotation: object) -> Cast:
    validate = _adapter(annotation).validate_python

    def read(raw: object) -> object:
        if not is_storable(raw):
            raise CastError
        try:
            return _settled(validate(raw))
        except ValidationError as refusal:
            raise _translated(refusal) from None
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            raise CastError from None

    return read


def _adapter(annotation: Any) -> TypeAdapter[object]:
    try:
        return TypeAdapter[object](annotation, config=ConfigDict(allow_inf_nan=False))
    except PydanticUserError:  # a model brings its own configuration
        return TypeAdapter[object](annotation)


def _translated(refusal: ValidationError) -> CastError:
    """Ecto's words for pydantic's reason. Neither its text nor the value that was refused is touched."""
    details = refusal.errors(include_url=False, include_input=False)
    if len(details) == 1 and not details[0]["loc"] and (known := _TEXTS.get(details[0]["type"])):
        message, option, key = known
        return CastError(message, **{option: details[0].get("ctx", {}).get(key)})
    return CastError()


def _settled(value: object) -> object:
    """What a type check can't see: a time's offset, a number's size."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, Decimal) and value and abs(value.adjusted()) > MAX_EXPONENT:
        raise CastError
    return value


def is_storable(value: object) -> bool:
    """Whether PostgreSQL takes it, as text or anywhere in JSON: no NUL, no lone surrogate, no NaN, not too deep."""
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return _is_storable_tree(cast("object", value))
    return True


def _is_text(value: str) -> bool:
    if "\x00" in value:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_storable_tree(root: object) -> bool:
    """By hand and not by recursion: what is nested too deep must not end the stack."""
    pending, seen = [(root, 0)], 0
    while pending:
        value, depth = pending.pop()
        seen += 1
        if seen > MAX_NODES or depth > MAX_DEPTH or not _is_leaf(value):
            return False
        if isinstance(value, Mapping):
            for key, item in cast("Mapping[object, object]", value).items():
                pending += ((key, depth + 1), (item, depth + 1))
        elif isinstance(value, (list, tuple, set, frozenset)):
            pending.extend((item, depth + 1) for item in cast("list[object]", value))
    return True


def _is_leaf(value: object) -> bool:
    if isinstance(value, str):
        return _is_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or value.bit_length() <= 4096


def _column(model: type[BaseModel], name: str) -> sa.Column[Any] | None:
    mapper = sa.inspect(model, raiseerr=False)
    return None if mapper is None else mapper.columns.get(name)


def is_jsonable(value: object) -> bool:
    """Whether JSON can hold it, and whoever gets it can read it.

    Bytes are none, nor a file that was sent, nor an integer of more than 64 bits, which many don't read. 1e22 is one
    as soon as PostgreSQL has it.
    """
    try:
        orjson.dumps(json.loads(json.dumps(value), parse_float=_as_stored))
    except TypeError:
        return False
    return True


def _as_stored(written: str) -> float:
    number = float(written)
    return int(number) if abs(number) >= 2**53 and math.isfinite(number) else number


def _jsonable(value: object) -> object:
    """The value, if it is one for JSON. Raises ValueError."""
    if not is_jsonable(value):
        raise ValueError
    return value


def fitting(annotation: object, kind: sa.types.TypeEngine[Any]) -> object:
    """The annotation with the bounds of its column, where the column says more than the field."""
    inner = inner_type(annotation)
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, sa.Integer) and inner is int:
        bits = 15 if isinstance(kind, sa.SmallInteger) else 63 if isinstance(kind, sa.BigInteger) else 31
        return Annotated[annotation, Ge(-(2**bits)), Le(2**bits - 1)]
    if isinstance(kind, sa.String) and not isinstance(kind, sa.Enum) and kind.length and inner is str:
        return Annotated[annotation, MaxLen(kind.length)]
    if isinstance(kind, sa.Numeric) and kind.precision and inner is Decimal:
        scale = kind.scale or 0
        largest = Decimal(10) ** (kind.precision - scale) - Decimal(1).scaleb(-scale)
        return Annotated[annotation, Ge(-largest), Le(largest)]
    return annotation


def inner_type(annotation: object) -> object:
    """The type itself, without `Annotated` and `| None`."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in {Union, UnionType}:
            kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
            if len(kinds) != 1:
                return annotation
            annotation = kinds[0]
        else:
            return annotation


def _is_list(annotation: object) -> bool:
    inner = inner_type(annotation)
    return get_origin(inner) in {list, tuple, set, frozenset} and inner_type(get_args(inner)[0]) is str
