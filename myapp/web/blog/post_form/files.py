"""The cover and the attachments of a post that is being written: sent when chosen, the post's when it is saved."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.blog import MAX_FILE
from myapp.kit import routes
from myapp.web.blog.post_form.state import PostFormState
from myapp.web.components import text_field
from myapp.web.i18n import t
from myapp.web.live.scripts import linked_scripts
from myapp.web.shell import ShellState

PICTURES = "image/jpeg,image/png,image/webp"
_VALUES, _ERRORS = PostFormState.values, PostFormState.errors


class _FilesField(rx.Component):
    """See `files.js`."""

    library = linked_scripts(__file__)["files"]
    tag = "FilesField"

    name: rx.Var[str]
    value: rx.Var[str]
    action: rx.Var[str]
    label: rx.Var[str]
    help: rx.Var[str]
    error: rx.Var[str]
    accept: rx.Var[str]
    limit: rx.Var[int]
    single: rx.Var[bool]
    texts: rx.Var[dict[str, str]]


def files(form: str) -> rx.Component:
    """Both fields, and what the cover shows in words once there is one."""
    words = text_field(
        t("The cover in words"),
        "cover_alt",
        form=form,
        value=_VALUES["cover_alt"],
        error=_ERRORS["cover_alt"],
        help=t("For those who can’t see it. Leave it empty where the picture only decorates."),
        dir="auto",
        auto_complete="off",
        class_name="hidden group-has-[img]:flex",
    )
    cover = _field(
        "cover",
        label=t("Cover"),
        help=t("A JPEG, PNG or WebP of at most 20 MB, shown above the text and in lists."),
        accept=PICTURES,
        single=True,
        error="",
    )
    attachments = _field(
        "attachments",
        label=t("Attachments"),
        help=t("Pictures, PDF, text, office documents, ZIP, MP3 and MP4, at most 20 MB each."),
        accept="",
        single=False,
        error=_ERRORS["files"],
    )
    return rx.el.div(
        rx.el.div(cover, words, class_name="group flex min-w-0 flex-col gap-5"),
        rx.el.div(attachments, class_name="min-w-0"),
        class_name="grid gap-8 border-t border-line pt-8 sm:grid-cols-2",
    )


def _field(name: str, **props: Any) -> rx.Component:
    texts = {
        "large": t("too large"),
        "lost": t("The connection was lost. Send the file again."),
        "refused": t("The server could not take this file."),
        "progress": t("Upload"),
        "cancel": t("Cancel"),
        "remove": t("Remove"),
        "optional": t("optional"),
    }
    action = routes.upload_file(ShellState.org_slug, "cover" if name == "cover" else "attachment")
    return _FilesField.create(name=name, value=_VALUES[name], action=action, limit=MAX_FILE, texts=texts, **props)
