"""From a path to files, and from files to items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from myapp.accounts import ForeignAuthor
from myapp.blog.importing.items import Item, Skip
from myapp.blog.importing.markdown._files import Entry, Files, UnreadableFile, open_files
from myapp.blog.importing.markdown._front_matter import FrontMatterError, split
from myapp.blog.importing.markdown._post import DRAFTS, read_post
from myapp.blog.importing.report import Note, Reason, Refused
from myapp.blog.schemas import PostStatus


@dataclass(slots=True)
class Folder:
    """A source that was looked into: how many files it has and, as they are read, who wrote them."""

    path: Path
    total: int
    authors: dict[str, ForeignAuthor] = field(default_factory=dict[str, ForeignAuthor])

    def items(self) -> Iterator[Item]:
        """One item a file, in the order of their names."""
        with open_files(self.path) as files:
            for entry in files.entries:
                yield self._item(files, entry)

    def _item(self, files: Files, entry: Entry) -> Item:
        name = entry.name
        if entry.why is not None:
            return Skip(Note(name, entry.why))
        try:
            text = files.read(entry).decode("utf-8-sig")
            if (place := text.find("\0")) >= 0:  # UTF-16 without its mark, or no text at all
                return Skip(Note(name, Reason.NOT_UTF8, f"byte {len(text[:place].encode())}"))
            settings, body = split(text)
        except UnicodeDecodeError as error:
            return Skip(Note(name, Reason.NOT_UTF8, f"byte {error.start}"))
        except FrontMatterError as error:
            return Skip(Note(name, Reason.FRONT_MATTER, str(error)))
        except UnreadableFile as error:
            return Skip(Note(name, error.why, error.detail))
        post, author = read_post(name, entry.modified, settings, body)
        if self.path.name == DRAFTS:
            post.status = PostStatus.DRAFT
        if author is not None:
            self.authors.setdefault(author.login, author)
        return post


def open_folder(path: Path) -> Folder:
    """Look into a folder or zip. Raises `Refused` when it is neither, or has nothing in it."""
    with open_files(path) as files:
        if not files.entries:
            raise Refused(Reason.EMPTY)
        return Folder(path, len(files.entries))
