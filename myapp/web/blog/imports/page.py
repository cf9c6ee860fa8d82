"""Bringing posts in from elsewhere, and taking all of them away."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.blog.exports.components import exports_card
from myapp.web.blog.exports.state import ExportsState
from myapp.web.blog.imports.components import import_entry
from myapp.web.blog.imports.state import ImportsState
from myapp.web.components import card, empty_state, skeleton_lines
from myapp.web.i18n import t
from myapp.web.live.arrival import arrived
from myapp.web.live.upload import file_upload
from myapp.web.shell import ShellState


def imports_page() -> rx.Component:
    """The form, the exports, and the imports so far."""
    return rx.el.div(
        rx.el.h1(t("Import and export"), class_name="text-xl"),
        rx.cond(arrived(ImportsState.path), _shown(), skeleton_lines(6)),
        class_name="mx-auto flex max-w-column flex-col gap-6",
    )


def _shown() -> rx.Component:
    return rx.el.div(
        _form(),
        rx.cond(ExportsState.may_export, exports_card()),
        rx.el.section(
            rx.el.h2(t("Imports so far"), class_name="text-lg"),
            rx.cond(
                ImportsState.imports,
                rx.el.ol(rx.foreach(ImportsState.imports, import_entry), class_name="divide-y divide-line"),
                empty_state(
                    t("Nothing was imported yet"),
                    t("Choose a file above. You can leave this page while it is read."),
                    icon_name="download",
                ),
            ),
            class_name="flex flex-col gap-2",
        ),
        class_name="flex flex-col gap-8",
    )


def _form() -> rx.Component:
    return card(
        rx.el.h2(t("Bring posts in"), class_name="mb-3 text-lg"),
        file_upload(
            routes.upload_import(ShellState.org_slug),
            "import",
            label=t("File"),
            help=t(
                "A WordPress export (.xml), or Markdown files with front matter in a .zip. At most 1 GB."
                " Importing the same file again changes nothing."
            ),
            send=t("Import"),
            accept=".xml,.wxr,.zip,.md,.markdown",
        ),
    )
