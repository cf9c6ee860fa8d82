"""The reasons of an import in words, in the reader's language.

>>> explain(Reason.POST_TYPE, "nav_menu_item")
'Things of the type “nav_menu_item” are not imported.'
>>> explain_refusal(Refused(Reason.BROKEN_XML, "mismatched tag", line=12, column=3))
'The file is broken at line 12, column 3: mismatched tag.'
"""

from __future__ import annotations

from collections.abc import Callable

from myapp.blog.importing.report import Reason, Refused
from myapp.kit.i18n import gettext as _

type Sentence = Callable[[], str]

# Each text stands in a call, for the catalogue's sake, and is looked up when it is read.
_SENTENCES: dict[Reason, Sentence] = {
    Reason.TRASH: lambda: _("It was in the trash."),
    Reason.AUTO_DRAFT: lambda: _("It was never saved by anybody."),
    Reason.POST_TYPE: lambda: _("Things of the type “%(detail)s” are not imported."),
    Reason.NO_BODY: lambda: _("Its text is empty or shorter than 10 characters."),
    Reason.TOO_BIG: lambda: _("It is too big."),
    Reason.TOO_DEEP: lambda: _("Its HTML is nested too deeply."),
    Reason.DUPLICATE: lambda: _("The same item came before in this import."),
    Reason.UNATTACHED: lambda: _("No imported post refers to this file."),
    Reason.REJECTED: lambda: _("The database refused it: %(detail)s."),
    Reason.NOT_MARKDOWN: lambda: _("It is not a Markdown file."),
    Reason.NOT_UTF8: lambda: _("It is not written in UTF-8: %(detail)s."),
    Reason.FRONT_MATTER: lambda: _("Its front matter can't be read: %(detail)s."),
    Reason.UNSAFE_PATH: lambda: _("Its name points outside of the folder."),
    Reason.SYMLINK: lambda: _("It is a link to another file."),
    Reason.UNREADABLE: lambda: _("It can't be read: %(detail)s."),
    Reason.UNAPPROVED: lambda: _("Comments that wait for approval"),
    Reason.SPAM: lambda: _("Comments marked as spam"),
    Reason.COMMENT_TRASH: lambda: _("Comments in the trash"),
    Reason.COMMENT_TYPE: lambda: _("Comments of an unknown type"),
    Reason.COMMENT_EMPTY: lambda: _("Comments without a text"),
    Reason.PRIVATE: lambda: _("It was private, so it came in as a draft."),
    Reason.PASSWORD: lambda: _("It was protected by a password, so it came in as a draft."),
    Reason.UNKNOWN_STATUS: lambda: _("Its status “%(detail)s” is unknown here, so it came in as a draft."),
    Reason.TITLE_CUT: lambda: _("Its title was cut to 255 characters."),
    Reason.TITLE_MADE: lambda: _("Its title was empty or too short and was made longer."),
    Reason.DATE_UNKNOWN: lambda: _("Its date can't be read, so it has that of the import."),
    Reason.AUTHOR_BY_NAME: lambda: _("Its author “%(detail)s” was found by user name, the address differs."),
    Reason.SHORTCODES: lambda: _("It has shortcodes that stay as text: %(detail)s."),
    Reason.SLUG_TAKEN: lambda: _("Its address “%(detail)s” was taken, so it has another."),
    Reason.CHANGED: lambda: _("It was imported before and has changed in the source; it was kept as it is here."),
    Reason.BAD_CHARACTERS: lambda: _("%(detail)s characters could not be read and show as �."),
    Reason.TAGS_CUT: lambda: _("It has more tags than a post may have; these were left out: %(detail)s."),
    Reason.METADATA_CUT: lambda: _("“%(detail)s” of its metadata is too large or nested too deeply and was left out."),
    Reason.BROKEN_XML: lambda: _("The file is broken at line %(line)s, column %(column)s: %(detail)s."),
    Reason.TRUNCATED: lambda: _("The file ends too early, at line %(line)s, column %(column)s."),
    Reason.DOCTYPE: lambda: _(
        "The file declares a document type at line %(line)s. No WordPress export does, so it was refused."
    ),
    Reason.NESTING: lambda: _("The elements of the file are nested too deeply at line %(line)s, column %(column)s."),
    Reason.HUGE_MARKUP: lambda: _("The file has a tag that is far too long at line %(line)s, or far too many names."),
    Reason.ENCODING: lambda: _("The file says it is written in “%(detail)s”, which is unknown."),
    Reason.NOT_WORDPRESS: lambda: _("This is not a WordPress export."),
    Reason.NOT_ZIP: lambda: _("This is neither a folder nor a zip file that can be read."),
    Reason.TOO_MANY_FILES: lambda: _("The source has too many files."),
    Reason.EMPTY: lambda: _("There is nothing to import in it."),
    Reason.MISSING: lambda: _("The file is not there any more."),
    Reason.TOO_SLOW: lambda: _(
        "Writing some of the posts took longer than %(detail)s seconds. What came in so far stays, and the import can"
        " go on from there."
    ),
    Reason.CRASHED: lambda: _("Something went wrong on our side. What came in so far stays."),
}


def explain(why: Reason, detail: str = "") -> str:
    """The sentence for a note."""
    return _SENTENCES[why]() % {"detail": detail, "line": "?", "column": "?"}


def explain_refusal(refused: Refused) -> str:
    """The sentence for a source that can't be read, with the place where it goes wrong."""
    values = {"detail": refused.detail, "line": refused.line or "?", "column": refused.column or "?"}
    return _SENTENCES[refused.why]() % values
