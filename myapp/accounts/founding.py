"""Organisations made, changed and deleted.

An address is made from the name when nobody asks for one, and stays when the name changes. Whoever changes it on
purpose breaks no link: the last `KEPT` addresses lead to the organisation, and nobody else may take them meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import replace
from secrets import token_hex
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from myapp.accounts import policy, queries
from myapp.accounts.errors import Unconfirmed
from myapp.accounts.events import (
    MEMBERSHIPS,
    OrganizationCreated,
    OrganizationDeleted,
    OrganizationUpdated,
    topic_organization,
    topic_people,
)
from myapp.accounts.memberships import add_membership
from myapp.accounts.schemas import Organization, User, Visibility
from myapp.accounts.sessions import require_sudo
from myapp.kit import audit, rate_limit, repo
from myapp.kit.changeset import Attrs, Changeset, cast, messages
from myapp.kit.errors import NotFound
from myapp.kit.pagination.rows import fetch
from myapp.kit.pubsub import broadcast
from myapp.kit.rate_limit import Limit
from myapp.kit.repo import reading, transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.slugs import numbered, slugify
from myapp.kit.types import StringArray

KEPT = 10
FOUND = Limit("found an organization", count=20, seconds=3600)  # of a person: each has pages and an address
LANGUAGES = (
    "arabic", "armenian", "basque", "catalan", "danish", "dutch", "english", "finnish", "french", "german", "greek",
    "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian", "nepali", "norwegian", "portuguese",
    "romanian", "russian", "serbian", "simple", "spanish", "swedish", "tamil", "turkish", "yiddish",
)  # fmt: skip
"""The text search configurations that PostgreSQL brings along; `simple` takes words as they are, of any language."""
_FIELDS = ("name", "slug", "visibility", "language")
_FALLBACK = "organization"


async def change_organization(scope: Scope, organization_id: UUID | None, attrs: Attrs) -> Changeset[Organization]:
    """The changeset of a form, for a new organisation or one to be changed, with the same complaints as on save.

    Of a new one, `get_field("slug")` is the address it would have now.
    """
    if organization_id is None:
        policy.authorise(scope, "create_organization")
        return (await _slugged(_changeset(Organization(), attrs))).with_action("validate")
    organization = await _found(scope, organization_id)
    policy.authorise(scope, "update_organization", _Place(organization))
    return (await _with_free_slug(_changeset(organization, attrs))).with_action("validate")


async def create_organization(scope: Scope, attrs: Attrs) -> Organization:
    """Make an organisation; whoever makes it is its owner. Raises Invalid, Unconfirmed and RateLimited."""
    policy.authorise(scope, "create_organization")
    founded = Organization()
    inside = replace(scope, org_id=founded.id, role=Role.OWNER if scope.user_id else None)
    async with transaction(inside), repo.advisory_lock("slugs of organizations"):
        await _require_confirmed(scope)
        changeset = await _slugged(_changeset(founded, attrs))
        if changeset.valid and scope.user_id is not None:
            await rate_limit.spend(FOUND, f"user {scope.user_id}")
        organization = await repo.insert(changeset)
        await audit.record(inside, "accounts.organization.created", "organization", organization.id)
        if scope.user_id is not None:
            await add_membership(inside, organization.id, scope.user_id, Role.OWNER)
        is_public = organization.visibility == Visibility.PUBLIC
        broadcast(MEMBERSHIPS, OrganizationCreated(organization.id, is_public))
    return organization


async def update_organization(scope: Scope, organization_id: UUID, attrs: Attrs) -> Organization:
    """Change what `attrs` names. A former address leads to the organisation. Raises Invalid, NotFound and Forbidden."""
    async with transaction(scope):
        organization = await _locked(scope, organization_id, "update_organization")
        changeset = _changeset(organization, attrs)
        if "slug" in changeset.changes:
            async with repo.advisory_lock("slugs of organizations"):
                changeset = _remembering(await _with_free_slug(changeset))
        was = organization.visibility
        before = {name: getattr(organization, name) for name in _FIELDS if name in changeset.changes}
        organization = await repo.update(changeset)
        after = {name: getattr(organization, name) for name in before}
        await audit.record(
            scope, "accounts.organization.updated", "organization", organization_id, before=before, after=after
        )
        is_or_was_public = Visibility.PUBLIC in {was, organization.visibility}
        event = OrganizationUpdated(organization_id, is_or_was_public)
        _tell(event)
    return organization


async def delete_organization(scope: Scope, organization_id: UUID) -> None:
    """Delete an organisation with all that is in it, for good. Raises NotFound, Forbidden, SudoRequired."""
    async with transaction(scope):
        organization = await _locked(scope, organization_id, "delete_organization")
        await require_sudo(scope)
        before = {name: getattr(organization, name) for name in _FIELDS}
        await repo.delete(organization)
        await audit.record(scope, "accounts.organization.deleted", "organization", organization_id, before=before)
        event = OrganizationDeleted(organization_id, organization.visibility == Visibility.PUBLIC)
        _tell(event)


def _tell(event: OrganizationUpdated) -> None:
    for topic in (MEMBERSHIPS, topic_people(event.org_id), topic_organization(event.org_id)):
        broadcast(topic, event)


async def _require_confirmed(scope: Scope) -> None:
    """Raise Unconfirmed for somebody who may have the address of another."""
    confirmed = select(User.id).where(col(User.id) == scope.user_id, col(User.confirmed_at).is_not(None))
    if scope.user_id and (await repo.current_session().exec(confirmed)).one_or_none() is None:
        raise Unconfirmed


class _Place:
    """An organisation as the policy looks at things: it belongs to itself."""

    def __init__(self, organization: Organization) -> None:
        self.org_id = organization.id


async def _locked(scope: Scope, organization_id: UUID, action: policy.OrgAction) -> Organization:
    """The row, nobody else's to change until the transaction ends. Raises NotFound and Forbidden."""
    organization = await _found(scope, organization_id, locks=True)
    policy.authorise(scope, action, _Place(organization))
    return organization


async def _found(scope: Scope, organization_id: UUID, *, locks: bool = False) -> Organization:
    found = queries.organizations(scope).where(col(Organization.id) == organization_id)
    if locks:
        found = found.with_for_update(of=Organization, key_share=True)
    async with reading(scope) as session:
        organization = (await session.exec(found, execution_options={"populate_existing": True})).one_or_none()
    if organization is None:
        raise NotFound
    return organization


def _changeset(organization: Organization, attrs: Attrs) -> Changeset[Organization]:
    return (
        cast(organization, attrs, list(_FIELDS))
        .validate_required("name")
        .validate_length("name", min=2, max=100)
        .validate_length("slug", max=80)
        .validate_format("slug", r"\A[a-z0-9]+(-[a-z0-9]+)*\Z")
        .validate_inclusion("language", LANGUAGES)
        .unique_constraint("slug", name="uq_organizations_slug")
    )


async def _slugged(changeset: Changeset[Organization]) -> Changeset[Organization]:
    """A new organisation with an address: the one asked for, or one made from the name."""
    if changeset.get_field("slug") or changeset.has_error("slug"):
        return await _with_free_slug(changeset)
    if changeset.has_error("name"):
        return changeset
    base = _in_ascii(changeset.get_field("name"))
    unlikely = f"{base[:70].rstrip('-')}-{token_hex(4)}"
    candidates = [base, *(numbered(base, number) for number in range(2, 21)), unlikely]
    taken = await _taken(candidates)
    return changeset.put_change("slug", next(slug for slug in candidates if slug not in taken))


def _in_ascii(name: str) -> str:
    """An address is typed, said and read in every country, so it is made of what every keyboard has.

    >>> _in_ascii("Café Zürich & Söhne"), _in_ascii("東京")
    ('cafe-zurich-sohne', 'organization')
    """
    return re.sub(r"[^a-z0-9]+", "-", slugify(name)).strip("-") or _FALLBACK


async def _with_free_slug(changeset: Changeset[Organization]) -> Changeset[Organization]:
    """Complain about an address that is, or was, another's. One may take one's own former address again."""
    changeset = changeset.validate_required("slug")
    slug = changeset.get_change("slug")
    if not isinstance(slug, str) or changeset.has_error("slug"):
        return changeset
    if slug not in await _taken([slug], but=changeset.data.id):
        return changeset
    return changeset.add_error("slug", messages.TAKEN, validation="unsafe_unique")


async def _taken(slugs: list[str], *, but: UUID | None = None) -> set[str]:
    """Which of these are, or were, the addresses of organisations; `but` of one."""
    columns = sa.select(col(Organization.slug), col(Organization.former_slugs)).where(col(Organization.id) != but)
    was_here = columns.where(col(Organization.former_slugs).op("&&")(sa.cast(slugs, StringArray)))
    async with reading(Scope.system("to see whether an address is taken")):
        found = [*await fetch(columns.where(col(Organization.slug).in_(slugs))), *await fetch(was_here)]
    return {slug for present, former in found for slug in (present, *former)}


def _remembering(changeset: Changeset[Organization]) -> Changeset[Organization]:
    """The former address leads to the organisation, and the present one to no other place."""
    slug, row = changeset.get_change("slug"), changeset.data
    former = [each for each in (*row.former_slugs, row.slug) if each != slug]
    return changeset.put_change("former_slugs", former[-KEPT:])
