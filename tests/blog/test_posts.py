"""Writing posts: what is accepted, where a post stands in URLs, and who was first."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from myapp import blog
from myapp.accounts import Organization
from myapp.blog import PostConflict, PostStatus
from myapp.kit.clock import now
from myapp.kit.errors import Forbidden, Invalid, NotFound
from myapp.kit.scope import Role, Scope
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post

BODY = "Long enough to be a body."


@pytest.fixture
async def author(organization: Organization) -> Scope:
    return await make_member(organization)


async def errors_of(scope: Scope, **attrs: object) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        await blog.create_post(scope, {"title": "A title", "body": BODY, **attrs})
    return refusal.value.errors


async def test_a_new_post_is_a_draft_with_safe_html(author: Scope) -> None:
    post = await blog.create_post(author, {"title": "  Hello\n there ", "body": "# Hi <script>x</script>\n\n*you*"})
    assert (post.title, post.slug, post.status, post.version) == ("Hello there", "hello-there", PostStatus.DRAFT, 1)
    assert post.body_html == "<h2>Hi </h2>\n<p><em>you</em></p>\n"
    assert post.body_text == "Hi\fyou"
    assert post.published_at is None


@pytest.mark.parametrize(
    ("attrs", "expected"),
    [
        ({"title": " "}, {"title": ["can't be blank"]}),
        ({"title": "ab "}, {"title": ["should be at least 3 character(s)"]}),
        ({"title": "x" * 256}, {"title": ["should be at most 255 character(s)"]}),
        ({"body": ""}, {"body": ["can't be blank"]}),
        ({"body": "too short"}, {"body": ["should be at least 10 character(s)"]}),
        ({"meta": "[1]"}, {"meta": ["is invalid"]}),
        ({"meta": "{broken"}, {"meta": ["is invalid"]}),
        ({"meta": {"isbn": 2**64}}, {"meta": ["is invalid"]}),
        ({"meta": {"stars": [1e22]}}, {"meta": ["is invalid"]}),
        ({"meta": {"key": "x" * 20_000}}, {"meta": ["is too large"]}),
        ({"tags": ["x" * 51]}, {"tags": ["should be at most 50 character(s) each"]}),
        ({"tags": [f"tag {n}" for n in range(101)]}, {"tags": ["should have at most 100 item(s)"]}),
        ({"status": "nonsense"}, {"status": ["is invalid"]}),
        ({"status": "scheduled"}, {"published_at": ["can't be blank"]}),
        ({"status": "scheduled", "published_at": "2001-02-03T04:05"}, {"published_at": ["must be in the future"]}),
        ({"status": "published", "published_at": "2999-01-01"}, {"published_at": ["must not be in the future"]}),
    ],
)
async def test_what_a_post_must_not_be(author: Scope, attrs: dict[str, object], expected: dict[str, list[str]]) -> None:
    assert await errors_of(author, **attrs) == expected


async def test_the_form_complains_as_the_save_does(author: Scope) -> None:
    changeset = await blog.change_post(author, None, {"title": "ab", "body": "short"})
    assert changeset.error_messages() == await errors_of(author, title="ab", body="short")


async def test_fields_that_are_not_the_authors_are_not_cast(author: Scope) -> None:
    other = await make_organization()
    post = await make_post(author, org_id=str(other.id), view_count=99, is_featured=True, body_html="<script>")
    assert (post.org_id, post.view_count, post.is_featured) == (author.org_id, 0, False)
    assert "<script>" not in post.body_html


async def test_metadata_and_tags_come_as_text_from_a_form(author: Scope) -> None:
    post = await make_post(author, meta='{"series": "one"}', tags=" Ümlaut, #open  source, Open Source")
    detail = await blog.get_post_by_id(author, post.id)
    assert detail.meta == {"series": "one"}
    assert [(tag.name, tag.slug) for tag in detail.tags] == [("open source", "open-source"), ("Ümlaut", "umlaut")]


async def test_equal_titles_get_different_slugs(author: Scope) -> None:
    slugs = [(await make_post(author, title="Same title")).slug for _ in range(3)]
    assert slugs == ["same-title", "same-title-2", "same-title-3"]


async def test_a_title_without_letters_still_has_a_slug(author: Scope) -> None:
    assert (await make_post(author, title="🎉🎉🎉")).slug == "untitled"


async def test_racing_creates_all_succeed_with_different_slugs(real_db: str) -> None:
    author = await make_member(await make_organization())
    posts = await asyncio.gather(*(make_post(author, title="The race") for _ in range(6)))
    assert len({post.slug for post in posts}) == 6


async def test_a_drafts_slug_follows_its_title_and_the_old_one_leads_there(author: Scope) -> None:
    post = await make_post(author, title="First thought", status="draft")
    post = await blog.update_post(author, post.id, {"title": "Second thought"})
    assert post.slug == "second-thought"
    with pytest.raises(blog.MovedSlug) as moved:
        await blog.get_post(author, "first-thought")
    assert moved.value.slug == "second-thought"


async def test_a_published_slug_stays_when_the_title_changes(author: Scope) -> None:
    post = await make_post(author, title="Known by this")
    await blog.unpublish_post(author, post.id)
    post = await blog.update_post(author, post.id, {"title": "Something else"})
    assert post.slug == "known-by-this"


async def test_an_asked_for_slug_is_taken_or_refused_but_never_altered(author: Scope) -> None:
    await make_post(author, title="Taken")
    post = await make_post(author, title="Mine", slug="My Own Slug")
    assert post.slug == "my-own-slug"
    with pytest.raises(Invalid) as refusal:
        await blog.update_post(author, post.id, {"slug": "taken"})
    assert refusal.value.errors == {"slug": ["has already been taken"]}


@pytest.mark.parametrize("written", ["Café-au-Lait", "cafe\u0301-au-lait", "CAFE-AU-LAIT", "cafe au lait"])
async def test_another_way_to_write_a_slug_leads_to_it(author: Scope, written: str) -> None:
    post = await make_post(author, title="Café au lait")
    with pytest.raises(blog.MovedSlug) as moved:
        await blog.get_post(author, written)
    assert moved.value.slug == post.slug == "cafe-au-lait"
    with pytest.raises(NotFound) as missing:
        await blog.get_post(author, "Tea!")
    assert type(missing.value) is NotFound


async def test_a_former_slug_is_not_given_to_another_post_but_back_to_its_own(author: Scope) -> None:
    post = await make_post(author, title="Mine", slug="old")
    await blog.update_post(author, post.id, {"slug": "new"})
    assert (await make_post(author, title="Old")).slug == "old-2"
    await blog.update_post(author, post.id, {"slug": "old"})
    assert (await blog.get_post(author, "old")).id == post.id
    with pytest.raises(blog.MovedSlug):
        await blog.get_post(author, "new")


async def test_an_update_with_a_stale_version_changes_nothing_and_shows_what_is_stored(author: Scope) -> None:
    post = await make_post(author, title="Original")
    await blog.update_post(author, post.id, {"title": "First save", "version": 1})
    with pytest.raises(PostConflict) as conflict:
        await blog.update_post(author, post.id, {"title": "Second save", "version": 1})
    stored = conflict.value.stored
    assert (stored.title, stored.version) == ("First save", 2)
    post = await blog.update_post(author, post.id, {"title": "Second save", "version": stored.version})
    assert (post.title, post.version) == ("Second save", 3)


async def test_of_two_racing_updates_one_is_told_of_the_conflict(real_db: str) -> None:
    author = await make_member(await make_organization())
    post = await make_post(author)
    saves = [blog.update_post(author, post.id, {"title": f"Save {n}", "version": 1}) for n in range(2)]
    results = await asyncio.gather(*saves, return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Post", "PostConflict"]


async def test_an_update_that_changes_nothing_leaves_the_version(author: Scope) -> None:
    post = await make_post(author, tags="one, two")
    same = {"title": post.title, "body": post.body, "tags": "two,one", "version": 1, "status": "published"}
    assert (await blog.update_post(author, post.id, same)).version == 1


async def test_changing_only_the_tags_is_a_change(author: Scope) -> None:
    post = await make_post(author, tags="one, two")
    assert (await blog.update_post(author, post.id, {"tags": "two, three"})).version == 2
    assert [tag.name for tag in (await blog.get_post_by_id(author, post.id)).tags] == ["three", "two"]


async def test_a_post_needs_an_organisation_and_an_author(author: Scope) -> None:
    attrs = {"title": "A title", "body": "A body long enough."}
    for scope, error in ((Scope.system("a test"), Forbidden), (Scope.system("a test", author.org_id), NotFound)):
        with pytest.raises(error):
            await blog.create_post(scope, attrs)


async def test_a_deleted_post_is_gone(author: Scope) -> None:
    post = await make_post(author)
    await blog.delete_post(author, post.id)
    assert await blog.fetch_card(author, post.id) is None


async def test_a_preview_is_what_the_saved_post_looks_like(author: Scope) -> None:
    markdown = "# One\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n~~no~~ <b onclick=x>yes</b>"
    assert await blog.preview(markdown) == (await make_post(author, body=markdown)).body_html


async def test_a_long_body_is_rendered_all_the_same(author: Scope) -> None:
    post = await make_post(author, body="word " * 10_000)
    assert post.body_html.startswith("<p>word word")


async def test_moderators_edit_what_others_wrote_but_only_authors_and_admins_publish(
    organization: Organization, author: Scope
) -> None:
    post = await make_post(author, status="draft")
    moderator = await make_member(organization, Role.MODERATOR)
    await blog.update_post(moderator, post.id, {"title": "Without the typo"})
    for attrs in ({"status": "published"}, {"status": "scheduled", "published_at": now() + timedelta(days=1)}):
        with pytest.raises(Forbidden):
            await blog.update_post(moderator, post.id, attrs)
