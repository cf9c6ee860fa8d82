"""One Markdown file as a post, by the settings of Jekyll, Hugo, Ghost's exporters and our own export."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any, cast
from uuid import UUID

from myapp.accounts import ForeignAuthor
from myapp.blog.importing.items import SourcePost, SourceTag, import_key
from myapp.blog.importing.markdown._dates import read_time
from myapp.blog.importing.report import Reason
from myapp.blog.importing.text import fingerprint, parse_time, plain_line
from myapp.blog.schemas import BodyFormat, ImportKind, PostStatus
from myapp.kit.clock import now

DRAFTS = "_drafts"
"""Where Jekyll keeps what is not to be seen yet."""

_DATED_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})[-_ ]+(.+)")
_HEADING = re.compile(r"\s*# ([^\n]*)(?:\n|\Z)")
_CLOSING = re.compile(r"(?<= )#+\Z")
_TEMPLATE = re.compile(r"\{[{%][<%-]?\s*([a-z][\w-]*)")
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}

_CREATED = ("created_at", "created")
_DATES = ("published_at", "publishdate", "date", "pubdate", *_CREATED)
_ENDS = ("expirydate", "unpublishdate")
_UPDATES = ("updated_at", "lastmod", "updated", "modified", "last_modified_at")
_EXCERPTS = ("excerpt", "custom_excerpt", "summary", "description")
_SLUGS = ("slug", "permalink", "url")
_FORMER = ("aliases", "redirect_from", "old_slugs")
_FEATURED = ("featured", "sticky", "pinned")
_LABELS = ("tags", "tag", "categories", "category")
_USED = {
    *_DATES, *_ENDS, *_UPDATES, *_EXCERPTS, *_SLUGS, *_FORMER, *_FEATURED, *_LABELS, "title", "draft",
    "published", "status", "visibility", "private", "password", "author", "authors", "author_username",
    "edited_at", "id", "import_key", "format", "metadata", "layout", "type", "tag_slugs",
}  # fmt: skip
_STATUSES = {
    "published": PostStatus.PUBLISHED,
    "publish": PostStatus.PUBLISHED,
    "draft": PostStatus.DRAFT,
    "pending": PostStatus.DRAFT,
    "scheduled": PostStatus.SCHEDULED,
    "future": PostStatus.SCHEDULED,
}

type Settings = Mapping[str, Any]


def read_post(
    name: str, modified: datetime | None, settings: Settings, body: str
) -> tuple[SourcePost, ForeignAuthor | None]:
    """The post of a file called `name`, last written at `modified`, and its author where it names one."""
    day, stem = _named(name)
    author = _author(settings)
    title, body = _title(settings, body, stem)
    at = _when(settings, _DATES)
    post = SourcePost(
        key=_key(settings, name),
        made_from=ImportKind.MARKDOWN,
        fingerprint=fingerprint(title, body, *(f"{key}={settings[key]}" for key in sorted(settings))),
        label=plain_line(title) or name,
        title=title,
        body=body,
        body_format=BodyFormat.HTML if settings.get("format") == "html" else BodyFormat.MARKDOWN,
        slug=_slug(settings) or stem,
        excerpt=_first_text(settings, _EXCERPTS),
        at=at or parse_time(day) or modified,
        created_at=_when(settings, _CREATED),
        updated_at=_when(settings, _UPDATES),
        edited_at=_when(settings, ("edited_at",)),
        was_published="published_at" in settings,
        author=author.login if author else None,
        is_featured=any(_is(_YES, settings.get(key)) for key in _FEATURED),
        is_page="page" in {settings.get("type"), settings.get("layout")},
        tags=_tags(settings),
        old_slugs=[slug for alias in _texts(settings, _FORMER) if (slug := _last_segment(alias))],
    )
    post.meta = _metadata(settings, is_page=post.is_page)
    if at is None and any(settings.get(key) for key in _DATES):
        post.warn(Reason.DATE_UNKNOWN)
    if templates := dict.fromkeys(_TEMPLATE.findall(body)):
        post.warn(Reason.SHORTCODES, ", ".join(templates))
    _set_status(post, settings, name)
    return post, author


def _named(name: str) -> tuple[str, str]:
    """The day and words a file's name holds: `2024-01-31-title.md`, or `title/index.md`."""
    path = PurePosixPath(name)
    stem = path.stem if path.stem.lower() not in {"index", "_index"} or not path.parent.name else path.parent.name
    dated = _DATED_NAME.fullmatch(stem)
    return (dated.group(1), dated.group(2)) if dated else ("", stem)


def _key(settings: Settings, name: str) -> str:
    """Our own export says what a post is; otherwise it is its place in the source."""
    if isinstance(given := settings.get("import_key"), str) and given.strip():
        return import_key(given.strip())
    with suppress(ValueError, AttributeError, TypeError):
        return import_key("post", str(UUID(settings.get("id", ""))))
    return import_key("markdown", name)


def _title(settings: Settings, body: str, stem: str) -> tuple[str, str]:
    """From the settings, else the heading the text begins with (which then is no part of it), else the file's name."""
    if "title" in settings:
        return _text(settings["title"]), body
    if (heading := _HEADING.match(body)) and (words := _CLOSING.sub("", heading.group(1).strip()).strip()):
        return words, body[heading.end() :].lstrip("\r\n")
    return " ".join(re.split(r"[-_\s]+", stem)).capitalize(), body


def _author(settings: Settings) -> ForeignAuthor | None:
    found: Any = settings.get("author") or settings.get("authors")
    if isinstance(found, list):
        found = next(iter(cast("list[Any]", found)), None)
    email = ""
    if isinstance(found, dict):
        person = cast("dict[str, Any]", found)
        email, found = _text(person.get("email", "")), person.get("name") or person.get("username")
    name = plain_line(_text(found))
    login = plain_line(_text(settings.get("author_username", ""))) or name
    return ForeignAuthor(login, email, name) if login else None


def _set_status(post: SourcePost, settings: Settings, name: str) -> None:
    """What any of the settings calls a draft, or private, is a draft."""
    given = settings.get("status")
    status = (_text(given) or str(given)).lower() if given else ""
    post.status = _STATUSES.get(status, PostStatus.DRAFT if status else PostStatus.PUBLISHED)
    is_draft = _is(_YES, settings.get("draft")) or _is(_NO, settings.get("published"))
    end = _when(settings, _ENDS)
    if is_draft or DRAFTS in PurePosixPath(name).parts or (end is not None and end <= now()):
        post.status = PostStatus.DRAFT
    if _is(_YES, settings.get("private")) or _text(settings.get("visibility", "public")).lower() != "public":
        post.status = PostStatus.DRAFT
        post.warn(Reason.PRIVATE)
    elif settings.get("password"):
        post.status = PostStatus.DRAFT
        post.warn(Reason.PASSWORD)
    elif status and status not in _STATUSES:
        post.warn(Reason.UNKNOWN_STATUS, status)


def _is(words: Collection[str], value: object) -> bool:
    """Whether the value says so. Some programs write `draft: "true"`, and Hugo takes it for what it says."""
    return isinstance(value, str | int) and str(value).strip().lower() in words


def _slug(settings: Settings) -> str:
    return next((slug for value in _texts(settings, _SLUGS) if (slug := _last_segment(value))), "")


def _last_segment(address: str) -> str:
    """`/2024/01/title/` and `title.html` name `title`; a pattern such as `/:year/:title` names nothing."""
    if "/" not in address and not address.endswith(".html"):
        return address
    path = address.partition("?")[0].partition("#")[0]
    last = path.rstrip("/").rpartition("/")[2]
    return "" if ":" in last else last.removesuffix(".html")


def _when(settings: Settings, names: Iterable[str]) -> datetime | None:
    return next((found for name in names if (found := read_time(settings.get(name)))), None)


def _tags(settings: Settings) -> list[SourceTag]:
    given: Any = settings.get("tag_slugs")
    slugs = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    return [SourceTag(name, _text(slugs.get(name, ""))) for name in _labels(settings, _LABELS)]


def _labels(settings: Settings, names: Iterable[str]) -> list[str]:
    """A list, or a text with commas. A text without is one tag, so that "machine learning" stays together."""
    found: list[str] = []
    for name in names:
        value = settings.get(name)
        found += _texts(settings, [name]) if isinstance(value, list) else _text(value).split(",")
    return list(dict.fromkeys(label.strip() for label in found if label.strip()))


def _texts(settings: Settings, names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = settings.get(name)
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        found.extend(text for one in values if (text := _text(one)))
    return found


def _first_text(settings: Settings, names: Iterable[str]) -> str:
    return next((text for name in names if (text := _text(settings.get(name)))), "")


def _text(value: object) -> str:
    """A scalar as text: a title may be a number or a date."""
    return str(value).strip() if isinstance(value, str | int | float | date) and not isinstance(value, bool) else ""


def _metadata(settings: Settings, *, is_page: bool) -> dict[str, Any]:
    """What the file says beyond what a post has places for."""
    given: Any = settings.get("metadata")
    found = {name: value for name, value in settings.items() if name not in _USED and value is not None}
    if isinstance(given, dict):
        found |= cast("dict[str, Any]", given)
    if is_page:
        found["type"] = "page"
    if categories := _labels(settings, ("categories", "category")):
        found.setdefault("categories", categories)
    return {name: _jsonable(value) for name, value in found.items()}


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(one) for name, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_jsonable(one) for one in cast("list[Any]", value)]
    return value.isoformat() if isinstance(value, date) else value
