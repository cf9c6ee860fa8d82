"""Many rows at once: `insert_all` for thousands, `copy_into` for hundreds of thousands.

    async with transaction(scope):
        await insert_all(Tag, [{"org_id": org, "name": "news", "slug": "news"}, …], on_conflict="nothing")

        await insert_all(                              # a second import changes what the first has written
            Post,
            rows,
            on_conflict=Replace(["title", "body"], where=lambda new: Post.body != new.body),
            conflict_target="uq_posts_org_id_import_key",
            returning=[Post.id, Post.slug],
        )

        await insert_all(Membership, select(User.id.label("user_id"), literal(org).label("org_id")))

        await insert_all(                              # a large value that many rows share is sent once
            Notice, [{"user_id": id, "text": Placeholder("text")} for id in everybody], placeholders={"text": text}
        )

What a row leaves out gets its field's default: ids, the two timestamps (one moment for all), numbers. What always
holds: no changeset is asked, so rows come from code that knows what it writes; each statement carries at most nine
tenths of the parameters that PostgreSQL's protocol can count; all or nothing is written, as the caller's transaction
decides. Ecto's `Repo.insert_all`, with COPY besides.
"""

from myapp.kit.bulk.conflicts import Replace
from myapp.kit.bulk.copying import copy_into
from myapp.kit.bulk.inserting import insert_all
from myapp.kit.bulk.rows import Placeholder

__all__ = ["Placeholder", "Replace", "copy_into", "insert_all"]
