"""One post: who sees what of it, what they may do, and what happens to it while it is being read."""

from __future__ import annotations

import pytest

from myapp import accounts, blog
from myapp.kit.errors import Forbidden, NotFound
from myapp.web.blog.post.state import PostState
from myapp.web.blog.post.transfer import TransferForm
from myapp.web.shell import ShellState
from tests.factories.accounts import make_user
from tests.factories.blog import make_comment, make_post, set_columns
from tests.live import Tab
from tests.web.blog.conftest import Site


def may(tab: Tab) -> set[str]:
    names = ("can_edit", "can_delete", "can_publish", "can_feature", "can_transfer")
    return {name for name in names if tab.get(getattr(PostState, name))}


async def test_a_visitor_reads_the_post(site: Site):
    meta = {"cups": 2, "for": ["Ada", "Bob"], "import": {"from": "wordpress"}, "files": [{"name": "tea.jpg"}]}
    body = "Pour it **slowly**.\n\n<script>alert(1)</script>"
    await make_post(site.member, title="On tea", body=body, excerpt="A summary", tags=["Tea"], meta=meta)

    tab = await site.open("/posts/on-tea")

    assert (tab.get(PostState.title), tab.get(PostState.author)) == ("On tea", "Mia Member")
    assert "<strong>slowly</strong>" in tab.get(PostState.body_html)
    assert "script" not in tab.get(PostState.body_html)
    assert tab.get(PostState.excerpt) == "A summary"
    assert tab.get(PostState.tags) == [{"name": "Tea", "url": f"/o/{site.slug}/tags/tea"}]
    assert tab.get(PostState.meta) == [{"name": "for", "value": "Ada, Bob"}, {"name": "cups", "value": "2"}]
    assert may(tab) == set()


async def test_what_a_person_may_do_is_offered_and_nothing_else(site: Site):
    await make_post(site.member, title="On tea")

    offered = {
        who: may(await site.open("/posts/on-tea", getattr(site, who))) for who in ("owner", "moderator", "member")
    }

    everything = {"can_edit", "can_delete", "can_publish", "can_feature", "can_transfer"}
    assert offered == {
        "owner": everything,
        "moderator": {"can_edit"},
        "member": everything - {"can_feature", "can_transfer"},
    }


async def test_a_former_slug_leads_to_the_present_one(site: Site):
    post = await make_post(site.owner, title="Old name")
    await blog.update_post(site.owner, post.id, {"slug": "new-name"})

    tab = await site.open("/posts/old-name")

    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}/posts/new-name"]


@pytest.mark.parametrize("slug", ["no-such-post", "a-draft", "%00", "x" * 3000])
async def test_what_a_visitor_may_not_read_does_not_exist(site: Site, slug: str):
    await make_post(site.owner, title="A draft", status="draft")
    tab = await site.open("/posts")

    with pytest.raises(NotFound):
        await tab.navigate(f"/o/{site.slug}/posts/{slug}")
    await tab.until(lambda: tab.get(ShellState.problem) == "missing")


async def test_a_changed_post_changes_while_it_is_read(site: Site):
    post = await make_post(site.owner, title="On tea", body="Steep for three minutes.")
    tab = await site.open("/posts/on-tea")

    await blog.update_post(site.owner, post.id, {"body": "Steep for four minutes."})

    await tab.until(lambda: "four" in tab.get(PostState.body_html))
    assert tab.get(PostState.is_changed)


async def test_another_post_is_no_news_here(site: Site):
    post = await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea")
    deltas = len(tab.deltas)

    await make_post(site.owner, title="On coffee")
    await blog.update_post(site.owner, post.id, {"title": "On tea, again"})

    await tab.until(lambda: tab.get(PostState.title) == "On tea, again")
    titles = [delta[PostState.get_full_name()].get("title_rx_state_") for delta in tab.deltas[deltas:]]
    assert [title for title in titles if title] == ["On tea, again"]


async def test_a_post_that_is_deleted_while_it_is_read_says_so_and_stays(site: Site):
    post = await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.member)

    await blog.delete_post(site.owner, post.id)

    await tab.until(lambda: tab.get(PostState.is_deleted))
    assert tab.get(PostState.title) == "On tea"
    assert may(tab) == set()


async def test_a_post_that_is_taken_back_is_gone_for_readers(site: Site):
    post = await make_post(site.owner, title="On tea")
    reader, author = await site.open("/posts/on-tea"), await site.open("/posts/on-tea", site.owner)

    await blog.unpublish_post(site.owner, post.id)

    await reader.until(lambda: reader.get(PostState.is_deleted))
    await author.until(lambda: author.get(PostState.status) == "draft")
    assert not author.get(PostState.is_deleted)


async def test_publishing_taking_back_and_featuring(site: Site):
    await make_post(site.owner, title="On tea", status="draft")
    tab = await site.open("/posts/on-tea", site.owner)

    await tab.send(PostState.publish)
    assert not tab.get(PostState.is_busy)
    assert tab.get(PostState.status) == "published"
    await tab.send(PostState.toggle_featured)
    assert tab.get(PostState.is_featured)
    await tab.send(PostState.unpublish)
    assert tab.get(PostState.status) == "draft"


async def test_deleting_leads_back_to_the_list_and_says_what_is_gone(site: Site):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.owner)

    await tab.send(PostState.delete)

    await tab.until(lambda: tab.redirects)
    assert tab.redirects == [f"/o/{site.slug}/posts"]
    assert tab.get(ShellState.flashes)[0]["text"] == "“On tea” is deleted."
    assert not tab.get(PostState.is_deleted)
    assert (await blog.list_posts(site.owner)).entries == []


@pytest.mark.parametrize(
    "handler", [PostState.publish, PostState.unpublish, PostState.toggle_featured, PostState.delete]
)
async def test_what_is_not_offered_is_refused_all_the_same(site: Site, handler: object):
    await make_post(site.owner, title="On tea")
    tab = await site.open("/posts/on-tea", site.member)

    with pytest.raises(Forbidden):
        await tab.send(handler)

    post = await blog.get_post(site.owner, "on-tea")
    assert (post.status, post.is_featured) == ("published", False)


async def test_a_post_is_given_to_another_author(site: Site):
    await make_post(site.member, title="On tea")
    tab = await site.open("/posts/on-tea", site.owner)
    await tab.send(TransferForm.suggest("", "1"))
    assert [each["name"] for each in tab.get(TransferForm.suggestions)] == ["Mo Moderator", "Olga Owner"]
    await tab.send(TransferForm.suggest("mo", "2"))
    [found] = tab.get(TransferForm.suggestions)
    assert (found["value"], tab.get(TransferForm.answered)) == (str(site.moderator.user_id), "2")

    await tab.submit(TransferForm.save, {"author_id": str(site.moderator.user_id)})

    assert tab.get(PostState.author) == "Mo Moderator"
    assert (await blog.get_post(site.owner, "on-tea")).author_id == site.moderator.user_id


async def test_a_post_goes_to_nobody_from_elsewhere_and_is_given_away_by_nobody_else(site: Site):
    await make_post(site.member, title="On tea")
    stranger = await make_user("Somebody Else")
    owner, author = await site.open("/posts/on-tea", site.owner), await site.open("/posts/on-tea", site.member)

    await owner.submit(TransferForm.save, {"author_id": str(stranger.id)})
    assert owner.get(TransferForm.errors) == {"author_id": "does not exist"}
    await owner.submit(TransferForm.save, {"author_id": "", "author_id_name": "Somebody"})
    assert owner.get(TransferForm.errors) == {"author_id": "choose from the list"}
    await author.send(TransferForm.suggest("", "1"))
    assert author.get(TransferForm.suggestions) == []
    with pytest.raises(Forbidden):
        await author.submit(TransferForm.save, {"author_id": str(site.owner.user_id)})

    assert (await blog.get_post(site.owner, "on-tea")).author_id == site.member.user_id


async def test_the_rank_follows_once_the_post_is_shown(site: Site):
    best, other = await make_post(site.member, title="Best"), await make_post(site.owner, title="Other")
    await set_columns(best, view_count=7)
    await set_columns(other, view_count=3)

    tab = await site.open("/posts/other")

    assert (tab.get(PostState.rank_overall), tab.get(PostState.rank_of_author), tab.get(PostState.views)) == (2, 1, 3)


async def test_a_lost_connection_loses_nothing(site: Site):
    post = await make_post(site.owner, title="On tea")
    tab = await (await site.open("/posts/on-tea")).reconnect(noticed=False)

    assert tab.get(PostState.title) == "On tea"
    await blog.update_post(site.owner, post.id, {"title": "On green tea"})
    await tab.until(lambda: tab.get(PostState.title) == "On green tea")


async def test_the_number_of_queries_does_not_grow_with_the_comments(site: Site):
    async def opened(slug: str, comments: int) -> int:
        post = await make_post(site.owner, slug=slug, tags=["tea"])
        for _ in range(comments):
            parent = await make_comment(site.member, post)
            await make_comment(site.owner, post, parent_id=parent.id)
        with site.queries() as queries:
            tab = await site.open(f"/posts/{slug}", site.owner)
        await tab.close()
        return len(queries)

    assert await opened("few", 1) == await opened("many", 12) <= 21


async def test_the_authors_new_name_is_there_while_the_post_is_being_read(site: Site):
    await make_post(site.member, title="On tea")
    tab = await site.open("/posts/on-tea")
    await accounts.update_profile(site.member, {"name": "Augusta King", "username": "augusta"})
    await tab.until(lambda: tab.get(PostState.author) == "Augusta King")
    assert tab.get(PostState.author_url) == f"/o/{site.slug}/posts?author=augusta"


async def test_only_other_words_are_called_edited(site: Site):
    post = await make_post(site.owner, title="On tea", status="draft")
    tab = await site.open("/posts/on-tea", site.owner)
    await tab.send(PostState.publish)
    await tab.send(PostState.toggle_featured)
    assert tab.get(PostState.edited_at) == ""

    await blog.update_post(site.owner, post.id, {"body": "Pour it quickly."})

    await tab.until(lambda: tab.get(PostState.edited_at) != "")
