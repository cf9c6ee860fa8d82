"""The way to the database: `transaction(scope)`, hooks that run after the commit, and changesets written as rows.

    async with transaction(scope) as session:
        post = await repo.insert(Post.changeset(new(Post, org_id=scope.org_id), attrs))
        after_commit(lambda: log.info("post %s is in", post.id))

    async with repo.reading(scope) as session:
        posts = (await session.exec(select(Post))).all()

What always holds: what an error leaves behind is what was there before it, in the database and in the rows at hand;
hooks run only for what was committed; a violated constraint is a field error if the changeset names it, and else the
bug it is. What Ecto calls `Repo.transaction`, `Repo.insert`, `Repo.update` and `Repo.delete`.
"""

from myapp.kit.repo.background import in_background
from myapp.kit.repo.engine import make_engine
from myapp.kit.repo.transactions import (
    Hook,
    Sessions,
    after_commit,
    before_commit,
    current_session,
    engine,
    identity_statements,
    in_transaction,
    is_first,
    make_sessions,
    on_rollback,
    pool_figures,
    reading,
    savepoint,
    transaction,
    use,
)
from myapp.kit.repo.usage import Pool, pool
from myapp.kit.repo.writes import advisory_lock, delete, insert, update

__all__ = [
    "Hook",
    "Pool",
    "Sessions",
    "advisory_lock",
    "after_commit",
    "before_commit",
    "current_session",
    "delete",
    "engine",
    "identity_statements",
    "in_background",
    "in_transaction",
    "insert",
    "is_first",
    "make_engine",
    "make_sessions",
    "on_rollback",
    "pool",
    "pool_figures",
    "reading",
    "savepoint",
    "transaction",
    "update",
    "use",
]
