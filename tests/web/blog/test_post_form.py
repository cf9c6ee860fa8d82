"""Writing and changing a post: the same rules while typing as on save, a preview, no words lost to somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from myapp import blog
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.web.blog.post_form.state import PostFormState
from myapp.web.blog.posts.state import PostsState
from myapp.web.shell import ShellState
from tests.factories.blog import make_post, set_columns
from tests.live import Tab
from tests.web.blog.conftest import Site

NEW = {"title": "On tea", "body": "Pour it **slowly**.", "tags": "", "excerpt": "", "meta": "", "status": "published"}


def filled(tab: Tab, **changes: str) -> dict[str, str]:
    """What the browser sends: the fields as the form came, with these changes."""
    return {**tab.get(PostFormState.values), **changes}


async def said(tab: Tab) -> str:
    await tab.until(lambda: tab.get(ShellState.flashes))
    return tab.get(ShellState.flashes)[-1]["text"]


async def test_a_new_post_is_published_and_appears_in_open_lists(site: Site):
    reader, tab = await site.open("/posts"), await site.open("/write", site.member)

    await tab.submit(PostFormState.save, {**NEW, "tags": "Tea, Asia", "meta": "cups: 2", "excerpt": "How to"})

    post = await blog.get_post(site.member, "on-tea")
    assert (post.title, post.status, post.own_excerpt, post.meta) == ("On tea", "published", "How to", {"cups": 2})
    assert {tag.name for tag in post.tags} == {"Tea", "Asia"}
    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}/posts/on-tea"]
    assert await said(tab) == "It is published."
    await reader.until(lambda: reader.get(PostsState.total) == 1)


async def test_tags_that_others_have_used_are_offered(site: Site):
    await make_post(site.owner, tags=["Tea", "Green tea"])
    await make_post(site.owner, tags=["Team secrets"], status="draft")
    tab = await site.open("/write", site.member)

    await tab.send(PostFormState.suggest("tea", "1"))

    assert [each["value"] for each in tab.get(PostFormState.suggestions)] == ["Tea", "Green tea"]


async def test_what_is_wrong_is_said_while_typing_where_something_was_typed(site: Site):
    tab = await site.open("/write", site.member)

    await tab.send(PostFormState.validate({**NEW, "title": "On", "body": "Short"}, ["title"]))
    assert tab.get(PostFormState.errors) == {"title": "should be at least 3 character(s)"}

    await tab.send(PostFormState.validate({**NEW, "body": "Short"}, ["title", "body"]))
    assert tab.get(PostFormState.errors) == {"body": "should be at least 10 character(s)"}


async def test_on_save_everything_that_is_wrong_is_said(site: Site):
    tab = await site.open("/write", site.member)

    await tab.submit(PostFormState.save, {**NEW, "title": "", "body": "", "meta": "no pair", "tags": "x" * 60})

    assert tab.get(PostFormState.errors).keys() == {"title", "body", "meta", "tags"}
    assert tab.get(PostFormState.refused) == 1
    assert tab.redirects == []
    assert (await blog.list_posts(site.member)).entries == []


async def test_the_preview_follows_what_is_typed_and_is_as_safe_as_the_post(site: Site):
    tab = await site.open("/write", site.member)

    await tab.send(PostFormState.validate({**NEW, "body": "# Tea\n\n<img src=x onerror=alert(1)> *hot*"}, ["body"]))

    preview = tab.get(PostFormState.preview_html)
    assert "<h2>Tea</h2>" in preview
    assert "<em>hot</em>" in preview
    assert "onerror" not in preview


async def test_a_post_is_scheduled_for_an_instant(site: Site):
    tab = await site.open("/write", site.member)
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)

    past = {**NEW, "status": "scheduled", "published_at": "2001-01-01T09:00:00.000Z"}
    await tab.submit(PostFormState.save, past)
    assert tab.get(PostFormState.errors) == {"published_at": "must be in the future"}

    await tab.submit(PostFormState.save, {**past, "published_at": later.isoformat().replace("+00:00", ".000Z")})
    post = await blog.get_post(site.member, "on-tea")
    assert (post.status, post.published_at) == ("scheduled", later)


@pytest.mark.parametrize("wait", [timedelta(days=3), timedelta(minutes=-1)], ids=["waits", "is due"])
async def test_the_time_of_a_scheduled_post_that_nobody_touched_is_no_change(site: Site, wait: timedelta):
    post = await make_post(
        site.member, title="On tea", status="scheduled", published_at=datetime.now(UTC) + timedelta(days=1)
    )
    at = datetime.now(UTC).replace(second=37, microsecond=123456) + wait
    await set_columns(post, published_at=at)
    tab = await site.open("/posts/on-tea/edit", site.moderator)  # who may not publish what others wrote
    fields = filled(tab, title="On green tea")  # as if a page that was opened before still had the choice

    await tab.send(PostFormState.validate(fields, ["title", "published_at"]))
    await tab.submit(PostFormState.save, fields)

    assert tab.get(PostFormState.errors) == {}
    saved = await blog.get_post_by_id(site.member, post.id)
    assert (saved.title, saved.status, saved.published_at) == ("On green tea", "scheduled", at)


@pytest.mark.parametrize("status", ["draft", "scheduled", "published"])
async def test_who_may_not_publish_changes_the_words_alone(site: Site, status: str):
    at = {"published_at": datetime.now(UTC) + timedelta(days=1)} if status == "scheduled" else {}
    post = await make_post(site.member, title="On tea", status=status, **at)
    tab = await site.open("/posts/on-tea/edit", site.moderator)
    fields = {name: value for name, value in filled(tab).items() if name not in {"status", "published_at"}}

    await tab.send(PostFormState.validate({**fields, "title": "On green tea"}, ["title"]))
    assert not tab.get(PostFormState.may_publish)
    assert tab.get(PostFormState.chosen_status) == status
    await tab.submit(PostFormState.save, {**fields, "title": "On green tea"})

    saved = await blog.get_post_by_id(site.member, post.id)
    assert (saved.title, saved.status, saved.published_at) == ("On green tea", status, post.published_at)


@pytest.mark.parametrize("who", ["owner", "member"])
async def test_authors_and_admins_choose_when_others_see_it(site: Site, who: str):
    await make_post(site.member, title="On tea")
    tab = await site.open("/posts/on-tea/edit", getattr(site, who))

    assert tab.get(PostFormState.may_publish)


async def test_a_draft_needs_no_time_and_is_seen_by_its_author_only(site: Site):
    tab = await site.open("/write", site.member)

    await tab.submit(PostFormState.save, {**NEW, "status": "draft", "published_at": "nonsense"})

    assert (await blog.get_post(site.member, "on-tea")).status == "draft"
    assert await said(tab) == "The draft is saved."


async def test_a_post_is_changed_and_keeps_what_was_not_touched(site: Site):
    await make_post(site.member, title="On tea", body="Pour it slowly.", tags=["Tea"], meta={"year": "1984", "cups": 2})
    tab = await site.open("/posts/on-tea/edit", site.member)
    assert tab.get(PostFormState.values)["meta"] == 'cups: 2\nyear: "1984"'

    await tab.submit(PostFormState.save, filled(tab, title="On green tea"))

    post = await blog.get_post(site.member, "on-tea")
    assert (post.title, post.body, post.meta) == ("On green tea", "Pour it slowly.", {"year": "1984", "cups": 2})
    assert [tag.name for tag in post.tags] == ["Tea"]
    assert await said(tab) == "Your changes are published."


async def overtaken(site: Site) -> Tab:
    """The author has a post open that the owner changes meanwhile; the author's save was refused."""
    post = await make_post(site.member, title="On tea", body="Pour it slowly.")
    tab = await site.open("/posts/on-tea/edit", site.member)
    await blog.update_post(site.owner, post.id, {"body": "Pour it quickly."})
    await tab.submit(PostFormState.save, filled(tab, body="Pour it carefully."))
    return tab


async def test_who_is_overtaken_sees_both_texts_and_nothing_is_overwritten(site: Site):
    tab = await overtaken(site)

    assert tab.get(PostFormState.has_conflict)
    changes = [line for line in tab.get(PostFormState.conflict) if line["kind"] in {"theirs", "mine"}]
    assert changes == [{"kind": "theirs", "text": "Pour it quickly."}, {"kind": "mine", "text": "Pour it carefully."}]
    assert (await blog.get_post(site.owner, "on-tea")).body == "Pour it quickly."
    assert (tab.get(PostFormState.saved), tab.redirects) == (0, []), "the browser keeps what was typed"
    assert "Pour it carefully." in tab.get(PostFormState.preview_html)


async def test_what_cannot_be_saved_is_previewed_all_the_same(site: Site):
    tab = await site.open("/write", site.member)
    await tab.submit(PostFormState.save, {**NEW, "title": "", "body": "Pour it carefully."})

    assert "title" in tab.get(PostFormState.errors)
    assert "Pour it carefully." in tab.get(PostFormState.preview_html)


async def test_who_is_overtaken_may_keep_their_own_words(site: Site):
    tab = await overtaken(site)

    await tab.submit(PostFormState.save, filled(tab, body="Pour it carefully."))

    assert (await blog.get_post(site.owner, "on-tea")).body == "Pour it carefully."
    assert not tab.get(PostFormState.has_conflict)


async def test_who_is_overtaken_may_take_the_others_words(site: Site):
    tab = await (await overtaken(site)).reconnect()
    await tab.submit(PostFormState.save, filled(tab, body="Pour it carefully.", version="1"))
    revision = tab.get(PostFormState.revision)

    await tab.send(PostFormState.take_theirs)
    assert tab.get(PostFormState.revision) > revision, "the fields are drawn anew"

    assert tab.get(PostFormState.values)["body"] == "Pour it quickly."
    assert not tab.get(PostFormState.has_conflict)
    await tab.submit(PostFormState.save, filled(tab, title="On tea, agreed"))
    assert (await blog.get_post(site.owner, "on-tea")).title == "On tea, agreed"


async def test_words_the_browser_kept_while_somebody_else_saved_do_not_overwrite_theirs(site: Site):
    post = await make_post(site.member, title="On tea", body="Pour it slowly.")
    tab = await site.open("/posts/on-tea/edit", site.member)
    kept = filled(tab, body="Pour it carefully.")
    await blog.update_post(site.owner, post.id, {"body": "Pour it quickly."})

    tab = await tab.reconnect(noticed=False)
    assert tab.get(PostFormState.values)["body"] == "Pour it quickly."
    await tab.submit(PostFormState.save, kept)

    assert tab.get(PostFormState.has_conflict)
    assert (await blog.get_post(site.owner, "on-tea")).body == "Pour it quickly."


async def test_a_new_connection_does_not_draw_the_fields_anew(site: Site):
    await make_post(site.member, title="On tea")
    tab = await site.open("/posts/on-tea/edit", site.member)
    revision = tab.get(PostFormState.revision)

    tab = await tab.reconnect()

    assert tab.get(PostFormState.revision) == revision


async def test_a_visitor_is_asked_who_they_are_and_led_back(site: Site):
    tab = await site.open("/posts")

    with pytest.raises(Unauthenticated):
        await tab.navigate(f"/o/{site.slug}/write")

    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/log-in?back=%2Fo%2F{site.slug}%2Fwrite"]


async def test_a_member_cannot_open_somebody_elses_post_for_writing(site: Site):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts", site.member)

    with pytest.raises(Forbidden):
        await tab.navigate(f"/o/{site.slug}/posts/on-tea/edit")

    await tab.until(lambda: tab.get(ShellState.problem) == "forbidden")


async def test_saving_from_elsewhere_is_refused_too(site: Site):
    await make_post(site.owner, title="On tea", body="Pour it slowly.")
    tab = await site.open("/posts", site.member)
    async with tab.server_state(PostFormState) as form:  # as if the form had once been open
        form._post_id = (await blog.get_post(site.owner, "on-tea")).id

    with pytest.raises(Forbidden):
        await tab.submit(PostFormState.save, {**NEW, "title": "Taken over"})

    assert (await blog.get_post(site.owner, "on-tea")).title == "On tea"
