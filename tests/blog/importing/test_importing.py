"""Whole imports: what comes in, what does not, and that a second time changes nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from myapp import accounts, blog
from myapp.blog import BodyFormat, Comment, ImportStatus, Post, PostTag, Tag
from myapp.kit.errors import Forbidden, NotFound, Unauthenticated
from myapp.kit.pubsub import subscribe
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from tests.blog.importing.whole import commanding, imported, only_post, rows, versions
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.wordpress import author, comment, export, item


async def test_a_post_comes_in_as_it_was(scope: Scope, path: Path) -> None:
    card = await imported(
        scope,
        path,
        author("ada", email="ada@elsewhere.example", name="Ada Lovelace"),
        item(
            7,
            title="Fish &amp; <em>chips</em>",
            body="One\n\n[caption]<img src='https://e.example/x.jpg'> A cat[/caption]<script>alert(1)</script>",
            excerpt="In <b>short</b>",
            name="fish",
            sticky=1,
            categories=[("category", "news-2", "News"), ("post_tag", "sea", "Sea")],
            meta=[("_wp_old_slug", "fsh"), ("mood", "hungry")],
        ),
    )
    post = await only_post()
    assert card.status == ImportStatus.DONE
    assert (card.done, card.total, card.percent) == (1, 1, 100)
    assert card.counts == {"posts": 1, "tags": 2, "authors": 1}
    assert (post.title, post.slug, post.excerpt, post.is_featured) == ("Fish & chips", "fish", "In short", True)
    assert post.published_at == post.inserted_at == datetime(2024, 1, 31, 10, tzinfo=UTC)
    assert post.body == post.body_html
    assert post.body_format == BodyFormat.HTML
    assert "<p>One</p>" in post.body_html
    assert "<figcaption>A cat</figcaption>" in post.body_html
    assert "script" not in post.body_html
    assert post.body_text == "One\fA cat"
    assert (post.meta["mood"], post.meta["categories"]) == ("hungry", ["News"])
    assert {(tag.name, tag.slug) for tag in await rows(Tag)} == {("News", "news-2"), ("Sea", "sea")}
    assert (await accounts.get_user(scope, post.author_id)).name == "Ada Lovelace"
    with pytest.raises(blog.MovedSlug):
        await blog.get_post(scope, "fsh")


async def test_a_second_time_changes_nothing(scope: Scope, path: Path) -> None:
    parts = [
        author("ada", key=7),
        item(1, comments=[comment(1), comment(2, parent=1), comment(3, user=7)], categories=[("category", "a", "A")]),
        item(2, title="", name="", status="draft", meta=[("_wp_old_slug", "older")]),
        item(3, status="private", creator="grace"),
    ]
    await imported(scope, path, *parts)
    before = await versions()
    card = await imported(scope, path, *parts)
    assert card.counts == {"unchanged": 3}
    assert await versions() == before


async def test_what_has_changed_over_there_stays_as_it_is_here_and_is_reported(scope: Scope, path: Path) -> None:
    await imported(scope, path, item(1, body="The first version of it."))
    before = await versions()
    card = await imported(scope, path, item(1, title="Changed", body="The second version of it."))
    assert card.counts == {"changed": 1, "warned": 1}
    assert [line.item for line in card.warnings] == ["Changed"]
    assert await versions() == before


async def test_what_is_new_in_a_later_export_comes_in(scope: Scope, path: Path) -> None:
    await imported(scope, path, item(1, comments=[comment(1)]))
    card = await imported(scope, path, item(1, comments=[comment(1), comment(2, parent=1)]), item(2))
    first, reply = await rows(Comment)
    assert card.counts == {"unchanged": 1, "posts": 1, "comments": 1}
    assert reply.parent_id == first.id


async def test_an_edit_here_is_never_overwritten(scope: Scope, path: Path) -> None:
    await imported(scope, path, item(1))
    post = await only_post()
    await blog.update_post(scope, post.id, {"title": "Edited here", "tags": "mine"})
    await imported(scope, path, item(1, title="Edited there"))
    assert (await only_post()).title == "Edited here"


async def test_an_imported_post_can_be_edited_like_any_other(scope: Scope, path: Path) -> None:
    labels = [("post_tag", f"t{number}", f"Tag {number}") for number in range(60)]
    await imported(scope, path, item(1, title="x" * 300, categories=labels))
    post = await only_post()
    detail = await blog.get_post(scope, post.slug)
    attrs = {"title": detail.title, "body": detail.body, "tags": [tag.name for tag in detail.tags], "meta": detail.meta}
    assert not (await blog.change_post(scope, post.id, attrs)).errors


async def test_metadata_that_a_form_would_refuse_are_left_out_and_named(scope: Scope, tmp_path: Path) -> None:
    path = tmp_path / "deep.md"
    path.write_text(f"---\ntitle: Deep\nmood: calm\ndeep: {'[' * 60}{']' * 60}\n---\n\nSome words that make a body.\n")
    card = await blog.import_file(commanding(scope), path)
    detail = await blog.get_post_by_id(scope, (await only_post()).id)
    assert [line.why for line in card.warnings if "deep" in line.why] == [
        "“deep” of its metadata is too large or nested too deeply and was left out."
    ]
    assert detail.meta["mood"] == "calm"
    assert not (await blog.change_post(scope, detail.id, {"meta": detail.meta})).errors


async def test_an_identity_of_any_length_is_one(scope: Scope, tmp_path: Path) -> None:
    path = tmp_path / "long.md"
    key = "".join(f"{number:x}" for number in range(2000))
    path.write_text(f"---\nimport_key: {key}\n---\n\nSome words that make a body.\n")
    assert (await blog.import_file(commanding(scope), path)).counts["posts"] == 1
    assert (await blog.import_file(commanding(scope), path)).counts == {"unchanged": 1}


async def test_names_of_files_that_are_no_text_can_be_reported(scope: Scope, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.png")).write_bytes(b"")
    Path(os.fsdecode(bytes(folder) + b"/caf\xe9.md")).write_text("Some words that make a body.")
    card = await blog.import_file(commanding(scope), folder)
    assert (card.status, card.counts["posts"]) == (ImportStatus.DONE, 1)
    assert [line.item for line in card.skipped] == ["caf\\udce9.png"]


class TestReport:
    async def test_it_names_what_was_skipped_and_why(self, scope: Scope, path: Path) -> None:
        card = await imported(
            scope,
            path,
            item(1, title="Good"),
            item(2, title="Thrown away", status="trash"),
            item(3, title="Menu", kind="nav_menu_item"),
            item(4, title="Empty", body=""),
            item(1, title="Good again"),
        )
        assert {line.item: line.why for line in card.skipped} == {
            "Thrown away": "It was in the trash.",
            "Menu": "Things of the type “nav_menu_item” are not imported.",
            "Empty": "Its text is empty or shorter than 10 characters.",
            "Good again": "The same item came before in this import.",
        }
        assert card.counts["skipped"] == 4

    async def test_its_lists_are_bounded_and_its_counts_exact(self, scope: Scope, path: Path) -> None:
        trash = (item(key, status="trash") for key in range(1, 71))
        card = await imported(scope, path, *trash, item(99, title="Empty", body=""))
        assert card.counts["skipped"] == 71
        assert len(card.skipped) == 26
        assert card.skipped[-1].item == "Empty"

    async def test_a_file_that_breaks_off_gives_what_comes_before_and_says_where(
        self, scope: Scope, path: Path
    ) -> None:
        path.write_text(export(item(1), item(2), "<item><title>half"))
        card = await blog.import_file(scope, path)
        assert card.status == ImportStatus.FAILED
        assert card.counts == {"posts": 2, "authors": 1}
        assert card.failure is not None
        assert card.failure.startswith("The file is broken at line ")

    async def test_a_hostile_file_gives_nothing(self, scope: Scope, path: Path) -> None:
        bomb = '<!DOCTYPE rss [<!ENTITY a "ha">]>\n<rss '
        path.write_text(export(item(1, title="&a;")).replace("<rss ", bomb, 1))
        card = await blog.import_file(scope, path)
        assert card.status == ImportStatus.FAILED
        assert card.failure is not None
        assert "document type at line" in card.failure
        assert await rows(Post) == []


async def test_a_post_that_the_database_refuses_costs_only_itself(
    scope: Scope, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.importing.prepare.MAX_SLUG", 200)  # the column takes 120 characters
    long = item(5, title="Too long", name="x" * 150)
    card = await imported(scope, path, *(item(key) for key in (1, 2, 3)), long, item(6), item(7, status="trash"))
    assert card.status == ImportStatus.DONE
    assert (card.counts["posts"], card.done) == (4, 6)
    assert sorted(line.item for line in card.skipped) == ["A title", "Too long"]


async def test_markdown_comes_in_with_its_front_matter(scope: Scope, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "2024-01-31-fish.md").write_text("---\ntitle: Fish\ntags: [Sea]\n---\n\nSome **words** about it.\n")
    (folder / "bad.md").write_text("---\ntitle: [\n---\n\nSome words.\n")
    card = await blog.import_file(commanding(scope), folder)
    post = await only_post()
    assert (post.title, post.slug, post.body) == ("Fish", "fish", "Some **words** about it.")
    assert post.body_html == "<p>Some <strong>words</strong> about it.</p>\n"
    assert post.author_id == scope.user_id
    assert [line.item for line in card.skipped] == ["bad.md"]
    assert (await blog.import_file(commanding(scope), folder)).counts == {"unchanged": 1, "skipped": 1}


async def test_open_pages_are_told_a_few_times_not_once_a_post(scope: Scope, path: Path) -> None:
    assert scope.org_id is not None
    told: list[object] = []
    progress: list[object] = []
    mine = [
        subscribe(blog.topic_posts(scope.org_id), lambda _, event: told.append(event)),
        await blog.subscribe_imports(scope, lambda _, event: progress.append(event)),
    ]
    await imported(scope, path, *(item(key) for key in range(1, 201)))
    for subscription in mine:
        subscription.cancel()
    assert all(isinstance(event, blog.PostsImported) for event in told)
    assert sum(event.count for event in told if isinstance(event, blog.PostsImported)) == 200
    assert 1 <= len(told) <= 10
    steps = [event for event in progress if isinstance(event, blog.ImportProgressed)]
    assert [type(event) for event in progress if event not in steps] == [blog.ImportEnded]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].status, steps[-1].done, steps[-1].total) == ("done", 200, 200)


async def test_only_admins_import_and_nobody_sees_another_organisations(scope: Scope, path: Path) -> None:
    card = await imported(scope, path, item(1))
    assert scope.org_id is not None
    organization = await accounts.get_organization(scope, scope.org_id)
    moderator = await make_member(organization, Role.MODERATOR)
    for who, error in ((moderator, Forbidden), (Scope.anonymous(scope.org_id), Unauthenticated)):
        with pytest.raises(error):
            await blog.import_file(who, path)
        with pytest.raises(error):
            await blog.list_imports(who)
    stranger = await make_member(await make_organization(), Role.OWNER)
    assert await blog.list_imports(stranger) == []
    for function in (blog.get_import, blog.run_import, blog.resume_import):
        with pytest.raises(NotFound):
            await function(stranger, card.id)
    assert [found.id for found in await blog.list_imports(scope)] == [card.id]


async def test_the_same_source_may_go_into_two_organisations(scope: Scope, path: Path) -> None:
    other = await make_member(await make_organization(), Role.ADMIN)
    parts = [author("ada", email="ada@elsewhere.example"), item(1, comments=[comment(1)])]
    await imported(scope, path, *parts)
    card = await imported(commanding(other), path, *parts)
    first, second = await rows(Post)
    assert card.counts == {"posts": 1, "comments": 1, "authors": 1}
    assert first.author_id != second.author_id


async def test_tags_that_are_there_are_used(scope: Scope, path: Path) -> None:
    await make_post(scope, tags=["Sea"])
    await imported(scope, path, item(1, categories=[("post_tag", "sea", "The SEA")]))
    (tag,) = await rows(Tag)
    async with transaction(SYSTEM) as session:
        assert len((await session.exec(select(PostTag))).all()) == 2
    assert tag.name == "Sea"
