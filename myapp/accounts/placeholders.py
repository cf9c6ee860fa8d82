"""Accounts for people who wrote on another site, so that an import can say who wrote what.

An author is matched with a member of the organisation, never with anybody else: an export says whatever its maker typed
into it, and nobody may be put into an organisation, or have words put into their mouth, by that. Who is not a member
gets a placeholder: a member of this organisation alone, whose address lies under `.invalid` (RFC 2606), so that no mail
reaches anybody, nobody can register it beforehand to be let in, and the real address stays free for its owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts.schemas import Membership, User
from myapp.accounts.schemas.changesets import NOBODYS
from myapp.kit import audit
from myapp.kit.bulk import insert_all
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.repo import current_session, transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.slugs import slugify

PLACEHOLDER_DOMAIN = "imported.invalid"
MAX_USERNAME, MAX_NAME = 30, 100


@dataclass(frozen=True, slots=True)
class ForeignAuthor:
    """Somebody as the other site knows them; `login` is what its posts call them."""

    login: str
    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class MatchedAuthor:
    """Who that is here. `is_doubtful`: found by user name, while the address is another."""

    user_id: UUID
    is_new: bool = False
    is_doubtful: bool = False


def is_placeholder(email: str) -> bool:
    """Whether an address is nobody's: it stands for somebody who was imported, or who left."""
    return email.lower().endswith(NOBODYS)


async def ensure_authors(scope: Scope, authors: Sequence[ForeignAuthor]) -> dict[str, MatchedAuthor]:
    """Who each author is in the organisation at hand, by login; placeholders are made for those who are nobody yet.

    The same author is the same person at every call. Raises Forbidden for a scope that may not bring people in.
    """
    if scope.org_id is None or not scope.at_least(Role.ADMIN):
        raise Forbidden if scope.user_id or scope.is_system else Unauthenticated
    async with transaction(scope):
        people = await _members(scope.org_id)
        found = {author.login: match for author in authors if (match := people.match(scope.org_id, author))}
        missing = [author for author in authors if author.login not in found]
        if missing:
            made = await _make(scope, missing)
            found |= {author.login: MatchedAuthor(made[author.login], is_new=True) for author in missing}
    return found


class _People:
    """The members of an organisation by the ways an author may be known."""

    def __init__(self, users: Iterable[User]) -> None:
        everybody = list(users)
        real = [user for user in everybody if not user.email.endswith(f"@{PLACEHOLDER_DOMAIN}")]
        self._by_email = {user.email.lower(): user for user in everybody}
        self._by_username = {user.username.lower(): user for user in real}
        self._by_name: dict[str, list[User]] = {}
        for user in real:
            self._by_name.setdefault(user.name.casefold(), []).append(user)

    def match(self, org_id: UUID, author: ForeignAuthor) -> MatchedAuthor | None:
        """By address, else as the placeholder made before, else by user name, else by a full name only one has."""
        known = self._by_email.get(author.email.lower()) if author.email else None
        known = known or self._by_email.get(_address(org_id, author))
        if known is not None:
            return MatchedAuthor(known.id)
        named = self._by_username.get(author.login.lower())
        namesakes = self._by_name.get((author.name or author.login).casefold(), []) if not author.email else []
        if named is None and len(namesakes) == 1:
            named = namesakes[0]
        return MatchedAuthor(named.id, is_doubtful=bool(author.email)) if named else None


async def _members(org_id: UUID) -> _People:
    query = select(User).join(Membership, col(Membership.user_id) == col(User.id)).where(Membership.org_id == org_id)
    return _People((await current_session().exec(query)).all())


def _address(org_id: UUID, author: ForeignAuthor) -> str:
    """The same for one person in every export of the organisation, and telling nothing about who that is."""
    person = author.email.lower() or author.login.lower()
    return f"{sha256(f'{org_id}:{person}'.encode()).hexdigest()[:24]}@{PLACEHOLDER_DOMAIN}"


async def _make(scope: Scope, authors: Sequence[ForeignAuthor]) -> dict[str, UUID]:
    assert scope.org_id is not None  # noqa: S101 - ensure_authors() has seen to it
    emails = {author.login: _address(scope.org_id, author) for author in authors}
    usernames = await _usernames(authors)
    rows = {
        emails[author.login]: {
            "email": emails[author.login],
            "username": usernames[author.login],
            "name": _name(author),
        }
        for author in authors
    }
    await insert_all(User, list(rows.values()), on_conflict="nothing", conflict_target="uq_users_email")
    query = select(User.email, User.id).where(col(User.email).in_(list(rows)))
    ids = dict((await current_session().exec(query)).all())
    members = [{"org_id": scope.org_id, "user_id": user_id, "role": Role.MEMBER} for user_id in ids.values()]
    await insert_all(Membership, members, on_conflict="nothing", conflict_target=["org_id", "user_id"])
    after = {"names": [_name(author) for author in authors][:50]}
    await audit.record(scope, "accounts.placeholders.created", "organization", scope.org_id, after=after)
    return {author.login: ids[emails[author.login]] for author in authors}


async def _usernames(authors: Sequence[ForeignAuthor]) -> dict[str, str]:
    """The login where it is free and fits, else with some letters that nobody can have taken beforehand."""
    wished = {author.login: _username(author.login) for author in authors}
    query = select(sa.func.lower(User.username)).where(sa.func.lower(User.username).in_(set(wished.values())))
    taken = set((await current_session().exec(query)).all())
    chosen: dict[str, str] = {}
    for login, wish in wished.items():
        chosen[login] = f"{wish[: MAX_USERNAME - 13]}-{token_hex(6)}" if wish in taken else wish
        taken.add(wish)
    return chosen


def _username(login: str) -> str:
    plain = re.sub(r"[^a-z0-9-]+", "", slugify(login.partition("@")[0], max_length=MAX_USERNAME, fallback="author"))
    plain = plain.strip("-") or "author"
    return plain if len(plain) >= 3 else f"{plain}-author"


def _name(author: ForeignAuthor) -> str:
    """Never the address: it would be shown beside every post."""
    name = " ".join((author.name or author.login.partition("@")[0]).split())[:MAX_NAME].strip()
    return name if len(name) >= 2 else f"{name} (author)".strip()
