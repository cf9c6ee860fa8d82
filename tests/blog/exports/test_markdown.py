"""What is exported comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete, select

from myapp import accounts, blog
from myapp.accounts import Membership, User
from myapp.blog import BodyFormat, ImportKind, ImportStatus, Post, PostSlug, PostStatus, PostTag, Tag, markup
from myapp.blog.exports.markdown import Whole, as_markdown, name_of, settings_of
from myapp.blog.importing.markdown._front_matter import split
from myapp.blog.importing.markdown._post import read_post
from myapp.blog.importing.prepare import ReadyPost, prepare
from myapp.blog.importing.report import Reason
from myapp.blog.schemas.changesets import tag_names
from myapp.kit.changeset.validation import is_blank
from myapp.kit.clock import new_id, now
from myapp.kit.errors import Forbidden, Unauthenticated
from myapp.kit.repo import transaction
from myapp.kit.scope import Role, Scope
from myapp.kit.slugs import slugify
from tests.blog.importing.whole import commanding
from tests.factories import SYSTEM
from tests.factories.accounts import make_member, make_organization
from tests.factories.blog import make_post
from tests.factories.wordpress import export, item

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
LINES = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=10, max_size=200)
ODD = st.sampled_from(
    [
        "---\n\nnot: yaml\n---\n",
        "# A heading\n",
        "\n\n    code\n\n",
        "a\r\nb\r\n",
        "{{< x >}}",
        "'\": - [",
        "\u2028\x85\ufeff",
    ]
)
KEPT = (
    "title", "body", "body_format", "excerpt", "status", "published_at", "is_featured", "inserted_at", "updated_at",
    "edited_at",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - `timezones` says
TITLES = TEXT.map(lambda text: " ".join(text.split())).filter(lambda text: len(text) >= 3 and not is_blank(text))


def written(body: str) -> Post:
    """A draft with this body."""
    moment = datetime(2024, 1, 31, tzinfo=UTC)
    who = {"org_id": new_id(), "author_id": new_id()}
    return Post(title="A title", slug="a-title", body=body, inserted_at=moment, updated_at=moment, **who)  # pyright: ignore[reportArgumentType]


@st.composite
def posts(draw: st.DrawFn) -> Post:
    title, body = draw(TITLES), "".join(draw(st.lists(LINES | ODD, min_size=1, max_size=3)))
    assume(len(body) >= 10 and not is_blank(body))
    body_format = draw(st.sampled_from(BodyFormat))
    if body_format == BodyFormat.HTML:
        body = markup.sanitise_html(f"<p>Some words</p><pre>{body}</pre><p>{body}</p>")
    status, created = draw(st.sampled_from(PostStatus)), draw(TIMES)
    past, future = created + timedelta(hours=3), now() + timedelta(days=draw(st.integers(1, 999)))
    times = {
        PostStatus.SCHEDULED: future,
        PostStatus.PUBLISHED: past,
        PostStatus.DRAFT: draw(st.none() | st.just(past)),
    }
    return Post(
        id=new_id(),
        org_id=new_id(),
        author_id=new_id(),
        title=title,
        slug=slugify(title),
        body=body,
        body_format=body_format,
        excerpt=draw(TITLES | st.none()),
        status=status,
        published_at=times[status],
        is_featured=draw(st.booleans()),
        meta=draw(st.dictionaries(TEXT.filter(lambda name: name != "import"), JSON, max_size=4)),
        inserted_at=created,
        updated_at=created + timedelta(microseconds=draw(st.integers(0, 10**9))),
        edited_at=draw(st.none() | st.just(past)),
    )


@example(written("A body with a lone return\r"), [])
@example(written("\r\n\r\nA body between empty lines\r\n\r\n"), [])
@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
@given(posts(), st.lists(TEXT.filter(lambda text: not is_blank(text)), max_size=4).map(tag_names))
def test_a_file_says_everything_of_its_post(post: Post, names: list[str]) -> None:
    tags = [Tag(org_id=post.org_id, name=name, slug=f"tag-{number}") for number, name in enumerate(names)]
    whole = Whole(post, author="Ada Lovelace", username="ada", tags=tags, former=["an-older-one"])
    settings, body = split(as_markdown(post, settings_of(whole)))
    source, author = read_post("posts/2024-01-31-x.md", None, settings, body)
    ready = prepare(source, now())

    assert isinstance(ready, ReadyPost), ready
    for name in KEPT:
        assert ready.row[name] == getattr(post, name), name
    assert {name: value for name, value in ready.row["meta"].items() if name != "import"} == post.meta
    assert ready.slug == post.slug
    assert [(tag.name, tag.slug) for tag in ready.tags] == [(tag.name, tag.slug) for tag in tags]
    assert set(ready.old_slugs) == {"an-older-one", post.slug}
    assert author == accounts.ForeignAuthor("ada", "", "Ada Lovelace")
    assert {note.why for note in ready.warnings} <= {Reason.SHORTCODES}


async def everything(org_id: object) -> dict[str, object]:
    """An organisation's posts with all that belongs to them, without the ids that differ from place to place."""
    async with transaction(SYSTEM) as session:
        written = select(Post, User.name).join(User, col(User.id) == col(Post.author_id))
        found = (await session.exec(written.where(Post.org_id == org_id))).all()
        tags = select(PostTag.post_id, Tag.name, Tag.slug).join(Tag, col(Tag.id) == col(PostTag.tag_id))
        tagged = (await session.exec(tags)).all()
        former = (await session.exec(select(PostSlug.post_id, PostSlug.slug))).all()
    return {
        post.slug: (
            post.model_dump(include={*KEPT, "body_html", "body_text", "language"}),
            author,
            {name: value for name, value in post.meta.items() if name != "import"},
            sorted((name, slug) for key, name, slug in tagged if key == post.id),
            sorted(slug for key, slug in former if key == post.id),
        )
        for post, author in found
    }


async def exported(scope: Scope, path: Path) -> Path:
    path.write_bytes(b"".join([chunk async for chunk in blog.export_markdown(scope)]))
    return path


@pytest.mark.usefixtures("names_held")
async def test_an_export_fills_an_empty_organisation_with_the_same_posts(tmp_path: Path) -> None:
    organization = await make_organization()
    here, there = [await make_member(each, Role.OWNER) for each in (organization, await make_organization())]
    odd = [
        "Fish & <chips>",
        "\u202eRight to left",
        "\U0001f333 \U0001f9d1\u200d\U0001f680",
        "x" * 255,
        "'quoted': yes",
        "null",
    ]
    for title in odd:
        await make_post(here, title=title, tags=["Sea", "\U0001f389 party"], meta={"mood": ["a", None, 1.5]})
    await make_post(here, title="Later", status="scheduled", published_at=now() + timedelta(days=3))
    await make_post(here, title="Of many links", body="[a](/b) " * 24_000)
    gone = await make_member(organization, name="Somebody who left")
    await make_post(gone, title="By somebody who left")
    async with transaction(SYSTEM) as session:
        await session.exec(delete(Membership).where(col(Membership.user_id) == gone.user_id))
    draft = await make_post(here, title="Taken back")
    await blog.unpublish_post(here, draft.id)
    moved = await make_post(here, title="Moved")
    await blog.update_post(here, moved.id, {"slug": "moved-to"})
    wordpress = tmp_path / "wordpress.xml"
    content = "<pre>\n\n  code</pre>\n\nText with [caption]<img src='https://e.example/x'> A cat[/caption]"
    wordpress.write_text(export(item(1, body=content, categories=[("category", "news-2", "News")])))
    await blog.import_file(commanding(here), wordpress, kind=ImportKind.WORDPRESS)

    path = await exported(here, tmp_path / "site.zip")
    card = await blog.import_file(commanding(there), path)

    assert (card.status, card.skipped) == (ImportStatus.DONE, [])
    assert await everything(there.org_id) == await everything(here.org_id)
    with ZipFile(path) as archive:
        names = archive.namelist()
    assert "drafts/taken-back.md" in names
    assert len(names) == len(odd) + 6


@pytest.mark.usefixtures("names_held")
async def test_an_export_changes_nothing_where_it_came_from(tmp_path: Path) -> None:
    scope = await make_member(await make_organization(), Role.ADMIN)
    for _ in range(3):
        await make_post(scope)
    before = await everything(scope.org_id)
    card = await blog.import_file(commanding(scope), await exported(scope, tmp_path / "site.zip"))
    assert card.counts == {"unchanged": 3}
    assert await everything(scope.org_id) == before


@pytest.mark.usefixtures("db")
async def test_drafts_are_marked_as_such_for_other_programs(tmp_path: Path) -> None:
    scope = await make_member(await make_organization(), Role.ADMIN)
    await make_post(scope, title="Not yet", status="draft")
    with ZipFile(await exported(scope, tmp_path / "site.zip")) as archive:
        assert "\ndraft: true\n" in archive.read("drafts/not-yet.md").decode()


@pytest.mark.usefixtures("db")
async def test_an_export_of_nothing_is_an_empty_zip() -> None:
    scope = await make_member(await make_organization(), Role.ADMIN)
    data = b"".join([chunk async for chunk in blog.export_markdown(scope)])
    assert ZipFile(BytesIO(data)).namelist() == []


@pytest.mark.usefixtures("db")
async def test_only_admins_export() -> None:
    organization = await make_organization()
    moderator = await make_member(organization, Role.MODERATOR)
    for scope, error in ((moderator, Forbidden), (Scope.anonymous(organization.id), Unauthenticated)):
        with pytest.raises(error):
            await anext(blog.export_markdown(scope))


def test_the_names_of_files_fit_every_system() -> None:
    post = Post(id=new_id(), org_id=new_id(), author_id=new_id(), slug="\U00010330" * 120)
    post.status, post.published_at = PostStatus.PUBLISHED, now()
    name = name_of(post).removeprefix("posts/")
    assert len(name.encode()) <= 255
