"""How somebody who has learned the ids of a private organisation would call what is about a person's own account."""

from __future__ import annotations

from collections.abc import AsyncIterator

from myapp import accounts
from myapp.accounts import Device
from myapp.kit.alerts import Alert
from myapp.kit.own_data import Part
from tests.factories.world import SECRET, Call

OWN_ACCOUNT: dict[str, Call] = {
    "mail_operators": lambda s, _: accounts.mail_operators(s, Alert("test", "a test", {})),
    "request_confirmation_to": lambda s, _: accounts.request_confirmation_to(s, "a@b.example"),
    "fetch_faces": lambda s, w: accounts.fetch_faces(s, [w.member.user_id or w.post.id]),
    "get_own_face": lambda s, _: accounts.get_own_face(s),
    "get_face": lambda s, w: accounts.get_face(s, w.member.user_id or w.post.id),
    "request_confirmation": lambda s, _: accounts.request_confirmation(s),
    "change_leaving": lambda s, _: accounts.change_leaving(s, {"confirmation": SECRET}),
    "change_profile": lambda s, _: accounts.change_profile(s, {"name": "Taken over"}),
    "close_expired_api_keys": lambda s, _: accounts.close_expired_api_keys(s),
    "create_api_key": lambda s, _: accounts.create_api_key(s, {"name": "Mine", "grants": ["manage"]}),
    "create_token_family": lambda s, _: accounts.create_token_family(s, Device()),
    "delete_api_key": lambda s, w: accounts.delete_api_key(s, w.post.id),
    "delete_expired_programs": lambda s, _: accounts.delete_expired_programs(s),
    "delete_program": lambda s, w: accounts.delete_program(s, w.post.id),
    "end_api_keys_of": lambda s, w: accounts.end_api_keys_of(s, w.member.user_id or w.post.id),
    "end_programs_of": lambda s, w: accounts.end_programs_of(s, w.member.user_id or w.post.id),
    "get_profile": lambda s, _: accounts.get_profile(s),
    "list_api_keys": lambda s, _: accounts.list_api_keys(s),
    "list_ended_api_keys": lambda s, _: accounts.list_ended_api_keys(s, []),
    "list_ended_programs": lambda s, _: accounts.list_ended_programs(s, []),
    "list_places_owned_alone": lambda s, _: accounts.list_places_owned_alone(s),
    "list_programs": lambda s, _: accounts.list_programs(s),
    "log_in_program": lambda s, _: accounts.log_in_program(s, {"email": "a@b.example", "password": "x"}, Device()),
    "own_data": lambda s, _: taken_along(accounts.own_data(s)),
    "require_may_leave": lambda s, _: accounts.require_may_leave(s),
    "update_profile": lambda s, _: accounts.update_profile(s, {"name": "Taken over"}),
    "anonymise_person": lambda s, _: accounts.anonymise_person(s),  # the last: nobody is left to act then
}


async def taken_along(parts: AsyncIterator[Part]) -> object:
    """What somebody is given as their own."""
    return [part async for part in parts]
