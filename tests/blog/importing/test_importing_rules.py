"""What an import makes of statuses, titles, addresses and comments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from myapp import accounts, blog
from myapp.accounts import User
from myapp.blog import Comment, Post, PostSlug, PostStatus
from myapp.kit.clock import now
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from tests.blog.importing.whole import imported, only_post, rows
from tests.factories import SYSTEM
from tests.factories.accounts import make_organization
from tests.factories.blog import make_post
from tests.factories.wordpress import author, comment, item


class TestStatus:
    async def test_nothing_that_was_not_public_becomes_so(self, scope: Scope, path: Path) -> None:
        statuses = ["draft", "pending", "private", "wc-hidden"]
        items = [item(key, status=status) for key, status in enumerate(statuses, 1)]
        card = await imported(scope, path, *items, item(9, password="enter"))
        assert {post.status for post in await rows(Post)} == {PostStatus.DRAFT}
        assert card.counts["drafts"] == 5
        assert card.counts["warned"] == 3
        visitor = Scope.anonymous(scope.org_id)
        assert (await blog.list_posts(visitor)).entries == []

    async def test_a_time_to_come_is_waited_for_and_one_that_passed_is_not(self, scope: Scope, path: Path) -> None:
        future = f"{now() + timedelta(days=9):%Y-%m-%d %H:%M:%S}"
        await imported(
            scope,
            path,
            item(1, status="future", date_gmt=future),
            item(2, status="publish", date_gmt=future),
            item(3, status="future", date_gmt="2024-01-31 10:00:00"),
        )
        found = [post.status for post in sorted(await rows(Post), key=lambda post: post.slug)]
        assert found == [PostStatus.SCHEDULED, PostStatus.SCHEDULED, PostStatus.PUBLISHED]


class TestTitles:
    @pytest.mark.parametrize(
        ("title", "shown"),
        [
            ("", "Some words that make a body."),
            (" \u200b\u200f ", "Some words that make a body."),
            ("Hi", "Hi – 2024-01-31"),
            ("x" * 300, "x" * 254 + "…"),
            ("<b>Bold</b> &amp; <script>alert(1)</script>", "Bold & alert(1)"),
            ("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd"),
            ("\U0001f333\U0001f333\U0001f333", "\U0001f333\U0001f333\U0001f333"),
            ("a\n\t b  c", "a b c"),
        ],
    )
    async def test_odd_titles_become_ones_that_can_be_kept(
        self, scope: Scope, path: Path, title: str, shown: str
    ) -> None:
        await imported(scope, path, item(1, title=title))
        assert (await only_post()).title == shown


class TestAddresses:
    async def test_a_slug_that_is_taken_gets_a_number_and_a_line_in_the_report(self, scope: Scope, path: Path) -> None:
        await make_post(scope, title="Fish")
        card = await imported(scope, path, item(1, name="fish"), item(2, name="fish"))
        assert {post.slug for post in await rows(Post)} == {"fish", "fish-2", "fish-3"}
        assert card.counts["warned"] == 2

    async def test_where_the_numbered_one_is_taken_too_it_gets_letters(self, scope: Scope, path: Path) -> None:
        for _ in range(2):
            await make_post(scope, title="Fish")
        card = await imported(scope, path, item(1, name="fish"))
        (post,) = [post for post in await rows(Post) if post.import_key]
        assert post.slug.startswith("fish-")
        assert post.slug not in {"fish", "fish-2"}
        assert [line.why for line in card.warnings] == ["Its address “fish” was taken, so it has another."]

    async def test_many_posts_of_one_title_each_get_a_slug(self, scope: Scope, path: Path) -> None:
        card = await imported(scope, path, *(item(key, title="News", name="") for key in range(1, 121)))
        assert card.counts["posts"] == 120
        assert len({post.slug for post in await rows(Post)}) == 120

    async def test_slugs_that_were_written_in_another_way_still_lead_to_the_post(
        self, scope: Scope, path: Path
    ) -> None:
        await imported(scope, path, item(1, name="my_old_%d7%a9"))
        post = await only_post()
        assert post.slug == "my-old-\u05e9"
        with pytest.raises(blog.MovedSlug):
            await blog.get_post(scope, "my_old_\u05e9")

    async def test_a_former_slug_does_not_take_a_present_one_away(self, scope: Scope, path: Path) -> None:
        existing = await make_post(scope, title="Fish")
        await imported(scope, path, item(1, name="chips", meta=[("_wp_old_slug", "fish")]))
        assert (await blog.get_post(scope, "fish")).id == existing.id
        async with transaction(SYSTEM) as session:
            assert (await session.exec(select(PostSlug))).all() == []


class TestNotes:
    """What an import keeps of the source in a post's metadata."""

    async def test_they_are_not_among_what_people_read_and_write(self, scope: Scope, path: Path) -> None:
        fields = [("mood", "calm"), ("og:title", "Fish")]
        await imported(scope, path, item(1, title="Fish", name="fish", meta=fields))
        assert (await only_post()).meta.keys() == {"mood", "og:title", "wordpress", "import"}
        assert (await blog.get_post(scope, "fish")).meta == dict(fields)

    async def test_they_stay_whatever_people_write(self, scope: Scope, path: Path) -> None:
        await imported(scope, path, item(1, title="Fish", name="fish", meta=[("mood", "calm")]))
        before = await only_post()
        notes = {name: before.meta[name] for name in ("wordpress", "import")}
        await blog.update_post(scope, before.id, {"meta": {"cups": 2, "import": {"from": "me"}, "wordpress": "mine"}})
        assert (await only_post()).meta == {"cups": 2, **notes}
        card = await imported(scope, path, item(1, title="Fish", name="fish", meta=[("mood", "calm")]))
        assert card.counts == {"unchanged": 1}

    async def test_they_do_not_count_for_how_much_people_may_write(self, scope: Scope, path: Path) -> None:
        await imported(scope, path, item(1, title="Fish", name="fish"))
        large = {"key": "x" * 9_980}
        post = await blog.update_post(scope, (await only_post()).id, {"meta": large})
        assert post.meta.items() > large.items()

    async def test_a_post_that_was_written_here_has_none(self, scope: Scope) -> None:
        post = await make_post(scope, title="Fish", meta={"import": {"from": "wordpress"}})
        assert (await blog.get_post(scope, "fish")).meta == {"import": {"from": "wordpress"}}
        assert (await blog.update_post(scope, post.id, {"meta": {}})).meta == {}


class TestAuthors:
    async def test_a_member_of_that_user_name_with_another_address_is_a_doubt(self, scope: Scope, path: Path) -> None:
        assert scope.user_id is not None
        me = await accounts.get_user(scope, scope.user_id)
        card = await imported(scope, path, author(me.username, email="x@elsewhere.example"), item(creator=me.username))
        assert (await only_post()).author_id == me.id
        assert [line.why for line in card.warnings] == [
            f"Its author “{me.username}” was found by user name, the address differs."
        ]

    async def test_in_an_organisation_without_people_somebody_is_made_up(self, real_db: str, path: Path) -> None:
        empty = Scope.system("a command", (await make_organization()).id)
        await imported(empty, path, item(creator=""))
        async with transaction(SYSTEM) as session:
            written = (await session.exec(select(User).where(User.id == (await only_post()).author_id))).one()
        assert written.email.endswith(".invalid")


class TestComments:
    async def test_threads_are_two_deep_and_say_who_wrote(self, scope: Scope, path: Path) -> None:
        found = [
            comment(3, parent=2, name="", body="No name"),
            comment(1, name="Grace", url="https://grace.example", body="<b>Bold</b> & <script>x</script>"),
            comment(2, parent=1, user=7),
            comment(4, kind="pingback", name="", url="https://other.example/post"),
        ]
        card = await imported(scope, path, author("ada", key=7, name="Ada"), item(1, comments=found))
        by_key = {str(each.import_key).rpartition(":")[2]: each for each in await rows(Comment)}
        first = by_key["1"]
        assert (first.parent_id, first.author_id, first.author_name) == (None, None, "Grace")
        assert first.author_url == "https://grace.example"
        assert first.body_html == "<p>Bold &amp;</p>\n"
        assert first.inserted_at == datetime(2024, 2, 1, 9, tzinfo=UTC)
        assert by_key["2"].parent_id == by_key["3"].parent_id == first.id
        assert (by_key["2"].author_id, by_key["2"].author_name) == ((await only_post()).author_id, "")
        assert by_key["3"].author_name == "Anonymous"
        assert by_key["4"].author_name == "other.example"
        assert card.counts["comments"] == 3
        assert card.counts["pingbacks"] == 1

    async def test_what_stays_out_is_counted_by_reason(self, scope: Scope, path: Path) -> None:
        found = [comment(1, approved="0"), comment(2, approved="spam"), comment(3, approved="spam")]
        card = await imported(scope, path, item(1, comments=found))
        assert card.counts["comments_skipped"] == 3
        assert {reason.why: reason.count for reason in card.reasons} == {
            "Comments that wait for approval": 1,
            "Comments marked as spam": 2,
        }
