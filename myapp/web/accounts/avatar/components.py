"""The picture of oneself: which there is, another one in its place, or none.

avatar_form()                # for a page that only somebody who is logged in opens
"""

from __future__ import annotations

import reflex as rx

from myapp.accounts import MAX_AVATAR
from myapp.kit import routes
from myapp.web.accounts.avatar.state import AvatarState
from myapp.web.components import avatar, button
from myapp.web.i18n import t
from myapp.web.live.scripts import linked_scripts
from myapp.web.shell import ShellState


class _AvatarForm(rx.Component):
    """See `avatar.js`."""

    library = linked_scripts(__file__)["avatar"]
    tag = "AvatarForm"

    action: rx.Var[str]
    accept: rx.Var[str]
    limit: rx.Var[int]
    texts: rx.Var[dict[str, str]]

    on_saved: rx.EventHandler[rx.event.no_args_event_spec]


def avatar_form() -> rx.Component:
    """What others see, and the choice of something else."""
    texts = {
        "label": t("Another picture"),
        "help": t("A JPEG, PNG or WebP of at most 5 MB. Nothing but the part you choose is kept of it."),
        "crop": t("The part of the picture that is shown"),
        "zoom": t("Zoom"),
        "keys": t("Drag the picture, or use the arrow keys; + and − zoom."),
        "save": t("Save picture"),
        "cancel": t("Cancel"),
        "progress": t("Upload"),
        "large": t("too large"),
        "unacceptable": t("You have selected an unacceptable file type"),
        "lost": t("The connection was lost. Send the file again."),
        "refused": t("The server could not take this file."),
    }
    form = _AvatarForm.create(
        action=routes.upload_avatar(),
        accept="image/jpeg,image/png,image/webp",
        limit=MAX_AVATAR,
        texts=texts,
        on_saved=AvatarState.saved,
    )
    return rx.el.div(_shown(), form, class_name="flex flex-col gap-5")


def _shown() -> rx.Component:
    remove = button(
        t("Remove picture"),
        kind="quiet",
        size="sm",
        icon_name="trash-2",
        on_click=AvatarState.remove,
        busy=AvatarState.is_removing,
    )
    return rx.el.div(
        avatar(ShellState.person_name, ShellState.person_avatar, size="lg"),
        rx.cond(
            ShellState.person_avatar,
            remove,
            rx.el.p(t("Without a picture, your initials are shown."), class_name="text-sm text-muted"),
        ),
        class_name="flex items-center gap-4",
    )
