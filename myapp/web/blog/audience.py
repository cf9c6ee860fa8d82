"""Whom a stream of the blog is for, as its topic names them: rows are read with the audience's scope.

Without a name it is everybody. `members` and `moderators` are those of the organisation; a person's id is that person,
as what one has not published yet is for oneself.
"""

from __future__ import annotations

from myapp import accounts, blog
from myapp.accounts import Principal
from myapp.blog import PostCard
from myapp.kit.channels import Refused
from myapp.kit.errors import Forbidden, NotFound
from myapp.kit.scope import Role, Scope
from myapp.web.ids import named_id

_RANKS = {"members": Role.MEMBER, "moderators": Role.MODERATOR}


def audience_of(scope: Scope, name: str = "") -> Scope:
    """The scope of an audience that the person is part of. Raises Forbidden, and Refused for what names none.

    >>> audience_of(Scope(role=Role.OWNER)) == Scope.anonymous()
    True
    """
    if not name:
        return Scope.anonymous(scope.org_id)
    if name not in _RANKS and name != str(scope.user_id):
        raise Refused("unmatched topic")
    if not scope.at_least(_RANKS.get(name, Role.MEMBER)):
        raise Forbidden
    if name in _RANKS:
        return Scope(org_id=scope.org_id, role=_RANKS[name])
    return Scope(scope.user_id, scope.org_id, Role.MEMBER, scope.is_operator)


async def place_of_post(who: Principal, named: str) -> tuple[PostCard, Scope]:
    """The post whose id a topic names, and what the person is in its organisation.

    That says nothing yet of whether they may read it. Raises NotFound for a post or an organisation that is not there
    for them.
    """
    post = await blog.fetch_card(Scope.system("to know whose post it is"), named_id(named))
    if post is None:
        raise NotFound
    return post, await accounts.scope_for(who, org_id=post.org_id)
