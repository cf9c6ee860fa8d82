"""How somebody who has learned the ids of a private organisation would call what is about organisations and people."""

from __future__ import annotations

from myapp import accounts
from myapp.kit.scope import Role
from tests.factories.world import SECRET, Call

ORGANIZATIONS: dict[str, Call] = {
    "appoint_operator": lambda s, _: accounts.appoint_operator(s, f"{SECRET}@example.com"),
    "accept_invitation": lambda s, _: accounts.accept_invitation(s, SECRET),
    "add_to_group": lambda s, w: accounts.add_to_group(s, w.group.id, w.owner.user_id or w.post.id),
    "change_group": lambda s, w: accounts.change_group(s, w.group.id, {"name": "Taken over"}),
    "change_invitation": lambda s, _: accounts.change_invitation(s, {"email": "a@b", "role": "member"}),
    "change_organization": lambda s, w: accounts.change_organization(s, w.organization.id, {"name": "Taken over"}),
    "change_person": lambda s, w: accounts.change_person(s, w.member.user_id or w.post.id, {"role": "owner"}),
    "count_owners": lambda s, _: accounts.count_owners(s),
    "create_group": lambda s, _: accounts.create_group(s, {"name": "Mine"}),
    "create_invitation": lambda s, _: accounts.create_invitation(s, {"email": "a@b", "role": "member"}),
    "create_membership": lambda s, w: accounts.create_membership(s, w.organization.id, w.post.id, Role.OWNER),
    "create_organization": lambda s, _: accounts.create_organization(s, {"name": "Mine", "slug": "mine"}),
    "deactivate_user": lambda s, w: accounts.deactivate_user(s, w.member.user_id or w.post.id),
    "delete_group": lambda s, w: accounts.delete_group(s, w.group.id),
    "delete_membership": lambda s, w: accounts.delete_membership(s, w.organization.id, w.member.user_id or w.post.id),
    "delete_organization": lambda s, w: accounts.delete_organization(s, w.organization.id),
    "fetch_user_card": lambda s, w: accounts.fetch_user_card(s, w.member.user_id or w.post.id),
    "get_group": lambda s, w: accounts.get_group(s, w.group.id),
    "get_offer": lambda s, _: accounts.get_offer(s, SECRET),
    "get_person": lambda s, w: accounts.get_person(s, w.member.user_id or w.post.id),
    "list_groups": lambda s, _: accounts.list_groups(s),
    "list_invitations": lambda s, _: accounts.list_invitations(s),
    "list_people": lambda s, _: accounts.list_people(s, SECRET),
    "list_users": lambda s, _: accounts.list_users(s, SECRET),
    "reactivate_user": lambda s, w: accounts.reactivate_user(s, w.member.user_id or w.post.id),
    "remove_from_group": lambda s, w: accounts.remove_from_group(s, w.group.id, w.member.user_id or w.post.id),
    "resend_invitation": lambda s, w: accounts.resend_invitation(s, w.invitation.id),
    "revoke_invitation": lambda s, w: accounts.revoke_invitation(s, w.invitation.id),
    "set_groups": lambda s, w: accounts.set_groups(s, w.member.user_id or w.post.id, []),
    "set_operator": lambda s, w: accounts.set_operator(s, w.member.user_id or w.post.id, on=True),
    "suggest_for_group": lambda s, w: accounts.suggest_for_group(s, w.group.id, "m"),
    "transfer_ownership": lambda s, w: accounts.transfer_ownership(s, w.organization.id, w.member.user_id or w.post.id),
    "update_group": lambda s, w: accounts.update_group(s, w.group.id, {"name": "Taken over"}),
    "update_membership": lambda s, w: accounts.update_membership(
        s, w.organization.id, w.member.user_id or w.post.id, Role.OWNER
    ),
    "update_organization": lambda s, w: accounts.update_organization(s, w.organization.id, {"name": "Taken over"}),
    "update_person": lambda s, w: accounts.update_person(s, w.member.user_id or w.post.id, role=Role.OWNER),
}
