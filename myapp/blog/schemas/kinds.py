"""The few words that a column of the blog may hold."""

from __future__ import annotations

from enum import StrEnum


class PostStatus(StrEnum):
    """Where a post is on its way to the readers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


class BodyFormat(StrEnum):
    """What `body` is written in. HTML comes from imports only and is sanitised before it is stored."""

    MARKDOWN = "markdown"
    HTML = "html"


class CommentKind(StrEnum):
    """A person's words, or another site's notice that it links here."""

    COMMENT = "comment"
    PINGBACK = "pingback"
    TRACKBACK = "trackback"


class ImportKind(StrEnum):
    """Where an import comes from."""

    WORDPRESS = "wordpress"
    MARKDOWN = "markdown"


class ImportStatus(StrEnum):
    """How far an import is; `interrupted` means that its process died."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class ExportStatus(StrEnum):
    """How far an export is. What runs and loses its process waits again."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ExportFailure(StrEnum):
    """Why an export came to nothing."""

    TOO_SLOW = "too_slow"
    NO_ROOM = "no_room"
    LOST = "lost"  # with its process, again and again
    CRASHED = "crashed"


class FileKind(StrEnum):
    """What a file is to its post: the picture above it, or something to take along."""

    COVER = "cover"
    ATTACHMENT = "attachment"
