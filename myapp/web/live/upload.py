"""A file chosen on a page and sent to an endpoint of ours, with a bar that shows how much of it has arrived.

    file_upload(routes.upload_import(ShellState.org_slug), "import", label=t("A file"), help=t("At most 1 GB."),
                send=t("Import"), accept=".xml,.zip")

It goes as the body of an ordinary request: whatever its size, it is never in a state, nor in memory as a whole.
"""

from __future__ import annotations

import reflex as rx

from myapp.web.components._types import Text
from myapp.web.i18n import t
from myapp.web.live.scripts import linked_scripts


class _FileUpload(rx.Component):
    """See `upload.js`."""

    library = linked_scripts(__file__)["upload"]
    tag = "FileUpload"

    action: rx.Var[str]
    name: rx.Var[str]
    label: rx.Var[str]
    help: rx.Var[str]
    accept: rx.Var[str]
    texts: rx.Var[dict[str, str]]


def file_upload(
    action: Text,
    name: str,
    *,
    label: Text,
    send: Text,
    help: Text,  # noqa: A002 - the word for it
    accept: str,
) -> rx.Component:
    """A field for one file and a button that sends it to `action`; `accept` is what the browser offers to choose."""
    texts = {
        "send": send,
        "none": t("Choose a file first."),
        "lost": t("The connection was lost. Send the file again."),
        "refused": t("The server could not take this file."),
        "progress": t("Upload"),
        "cancel": t("Cancel"),
    }
    return _FileUpload.create(action=action, name=name, label=label, help=help, accept=accept, texts=texts)
