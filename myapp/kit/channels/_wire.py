"""Phoenix Channels' serializer, version 2: what a message looks like inside a WebSocket frame.

A text is `[join_ref, ref, topic, event, payload]`. A binary carries a payload that is not JSON: one byte that says
which kind it is, one for the length of each text that follows, the texts, the payload. It is what
`Phoenix.Socket.V2.JSONSerializer` reads and writes
(https://github.com/phoenixframework/phoenix/blob/main/lib/phoenix/socket/serializers/v2_json_serializer.ex).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Literal, NamedTuple

import orjson

from myapp.kit.channels._frames import binary_frame, text_frame

type Payload = Mapping[str, object] | bytes
type Encoded = orjson.Fragment
"""A payload that is JSON already, for those who send the same to many."""
type Status = Literal["ok", "error"]

MAX_NAME = 255  # bytes of a ref, a topic or an event: one byte holds the length
_PARTS = 5


class _Kind(IntEnum):
    PUSH = 0
    REPLY = 1
    BROADCAST = 2


class Malformed(ValueError):
    """Not a message of the protocol."""


class Message(NamedTuple):
    """What a client sent. `payload` is whatever JSON it chose, or bytes."""

    join_ref: str | None
    ref: str | None
    topic: str
    event: str
    payload: Any


def parse(frame: str | bytes) -> Message:
    """The message in a frame's text or bytes. Raises Malformed.

    >>> parse('["1", "2", "room:1", "new_msg", {"body": "hi"}]')
    Message(join_ref='1', ref='2', topic='room:1', event='new_msg', payload={'body': 'hi'})
    >>> parse(b"\\x00\\x01\\x01\\x01\\x0112te!")
    Message(join_ref='1', ref='2', topic='t', event='e', payload=b'!')
    """
    message = _parse_text(frame) if isinstance(frame, str) else _parse_binary(frame)
    join_ref, ref, topic, event, _ = message
    if not (_is_name(topic) and _is_name(event) and _is_ref(join_ref) and _is_ref(ref)):
        raise Malformed("its names are no names")
    return message


def _parse_text(frame: str) -> Message:
    try:
        parts: Any = orjson.loads(frame)
    except orjson.JSONDecodeError:
        raise Malformed("not JSON") from None
    match parts:
        case [_, _, _, _, _]:
            return Message._make(parts)
        case _:
            raise Malformed("not a list of five")


def _parse_binary(frame: bytes) -> Message:
    if len(frame) < _PARTS or frame[0] != _Kind.PUSH:
        raise Malformed("not a push")
    texts, offset = list[str](), _PARTS
    for length in frame[1:_PARTS]:
        part = frame[offset : offset + length]
        if len(part) < length:
            raise Malformed("cut off")
        try:
            texts.append(part.decode())
        except UnicodeDecodeError:
            raise Malformed("not UTF-8") from None
        offset += length
    join_ref, ref, topic, event = texts
    return Message(join_ref or None, ref or None, topic, event, frame[offset:])


def _is_name(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_NAME
        and (value.isascii() or len(value.encode(errors="replace")) <= MAX_NAME)
    )


def _is_ref(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= MAX_NAME and value.isascii())


def reply(message: Message, status: Status, response: Payload) -> bytes:
    """The frame that answers a message."""
    if isinstance(response, bytes):
        return _binary(_Kind.REPLY, message.join_ref or "", message.ref or "", message.topic, status, data=response)
    content = {"status": status, "response": response}
    return text_frame(dumps([message.join_ref, message.ref, message.topic, "phx_reply", content]))


def push(join_ref: str | None, topic: str, event: str, payload: Payload | Encoded, *, ref: str | None = None) -> bytes:
    """The frame that tells one client something it did not ask for."""
    if isinstance(payload, bytes):
        return _binary(_Kind.PUSH, join_ref or "", topic, event, data=payload)
    return text_frame(dumps([join_ref, ref, topic, event, payload]))


def broadcast(topic: str, event: str, payload: str | bytes) -> bytes:
    """The frame for all who have joined a topic. `payload` is JSON that was encoded already, or bytes."""
    if isinstance(payload, bytes):
        return _binary(_Kind.BROADCAST, topic, event, data=payload)
    return text_frame(b"[null,null,%b,%b,%b]" % (dumps(topic), dumps(event), payload.encode()))


def _binary(kind: _Kind, *texts: str, data: bytes) -> bytes:
    parts = [text.encode() for text in texts]
    return binary_frame(bytes([kind, *map(len, parts)]) + b"".join(parts) + data)


def dumps(value: object) -> bytes:
    """JSON of what a channel sends: plain values, UUIDs, datetimes (RFC 3339), dataclasses. Raises TypeError."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
