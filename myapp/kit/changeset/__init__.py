"""Changesets: what somebody wants to change of a row, checked before it is written. Ecto.Changeset, for SQLModel.

A room's schema says once how its rows may change; forms, REST, GraphQL and imports all go through it:

    class Post(Row, table=True):
        __tablename__ = "posts"

        org_id: UUID
        title: str
        slug: str = ""
        version: int = 1

        @classmethod
        def changeset(cls, post: Post, attrs: Attrs) -> Changeset[Post]:
            return (
                cast(post, attrs, ["title", "slug", "version"])
                .validate_required("title")
                .validate_length("title", min=3, max=255)
                .unique_constraint(["slug", "org_id"], name="uq_posts_org_id_slug")
                .optimistic_lock()
            )

    async with transaction(scope):
        post = await repo.insert(Post.changeset(new(Post, org_id=scope.org_id), {"title": "Hello"}))

What always holds: only the fields that are named are cast, whatever else was sent; what was sent can't make a
changeset raise, only complain; a changeset never alters (each rule returns a new one), and neither does its row before
`repo` has written it. Complaints are Ecto's sentences, in the reader's language.

    >>> from pydantic import BaseModel
    >>> class Guest(BaseModel):
    ...     name: str = ""
    ...     seats: int = 1
    ...     is_host: bool = False
    >>> sent = {"name": "Al", "seats": "none", "is_host": True}
    >>> guest = cast(Guest(), sent, ["name", "seats"]).validate_length("name", min=3)
    >>> guest.valid, guest.changes
    (False, {'name': 'Al'})
    >>> guest.error_messages()
    {'seats': ['is invalid'], 'name': ['should be at least 3 character(s)']}
"""

from myapp.kit.changeset.changeset import Attrs, Changeset, cast, change, new
from myapp.kit.changeset.messages import FieldError
from myapp.kit.changeset.unique import unsafe_validate_unique

__all__ = ["Attrs", "Changeset", "FieldError", "cast", "change", "new", "unsafe_validate_unique"]
