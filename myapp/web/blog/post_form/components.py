"""The parts of the form: what is written, how it will look, when it is published, and whose words win."""

from __future__ import annotations

from typing import Any

import reflex as rx

from myapp.web.blog.post_form.state import PostFormState
from myapp.web.components import Item, button, card, field, link_button, safe_html, text_field, textarea_field
from myapp.web.i18n import t
from myapp.web.live.combobox import names_field
from myapp.web.live.local_time import LocalTime

FORM = "post"
_VALUES, _ERRORS = PostFormState.values, PostFormState.errors


def words() -> rx.Component:
    """Title and text: large and quiet, as they will be read."""
    return rx.el.div(
        text_field(
            t("Title"),
            "title",
            form=FORM,
            value=_VALUES["title"],
            error=_ERRORS["title"],
            required=True,
            auto_focus=PostFormState.is_new,
            auto_complete="off",
            dir="auto",
            control_class="h-auto py-2 text-lg font-semibold",
        ),
        textarea_field(
            t("Text"),
            "body",
            form=FORM,
            rows=18,
            value=_VALUES["body"],
            error=_ERRORS["body"],
            required=True,
            dir="auto",
            help=rx.cond(
                PostFormState.body_format == "html",
                t('HTML: <p>paragraph</p>, <h2>heading</h2>, <strong>bold</strong>, <a href="https://…">link</a>'),
                t("Markdown: # heading, **bold**, *italic*, - list, > quote, `code`, [link](https://…)"),
            ),
            control_class="min-h-80 text-base",
        ),
        # Not type="hidden": whose value React would set again when it draws the form, over one that was put back.
        rx.el.input(name="version", default_value=_VALUES["version"], hidden=True, read_only=True),
        class_name="flex flex-col gap-5",
    )


def preview() -> rx.Component:
    """What readers will see: rendered and cleaned on the server by the same code as on save."""
    return rx.el.section(
        rx.el.h2(t("Preview"), class_name="text-sm font-medium text-muted"),
        rx.cond(
            PostFormState.preview_html,
            safe_html(PostFormState.preview_html, dir="auto", class_name="written"),
            rx.el.p(t("Your words appear here as you write."), class_name="text-muted"),
        ),
        class_name="flex min-w-0 flex-col gap-4 lg:sticky lg:top-24 lg:max-h-[calc(100dvh-8rem)] lg:overflow-y-auto",
        tab_index=0,
        aria_label=t("Preview"),
    )


def details() -> rx.Component:
    """What belongs to the post beside its words."""
    return rx.el.div(
        names_field(
            t("Tags"),
            "tags",
            PostFormState,
            form=FORM,
            value=_VALUES["tags"],
            error=_ERRORS["tags"],
            help=t("Separated by commas."),
            nothing=t("No tag is called so yet: it is made when you save."),
        ),
        textarea_field(
            t("Summary"),
            "excerpt",
            form=FORM,
            rows=2,
            value=_VALUES["excerpt"],
            error=_ERRORS["excerpt"],
            help=t("Shown in lists. Without one, the first words of the text are."),
            dir="auto",
        ),
        rx.el.details(
            rx.el.summary(t("Metadata"), class_name="cursor-pointer text-sm font-medium"),
            textarea_field(
                t("Keys and values"),
                "meta",
                form=FORM,
                rows=3,
                value=_VALUES["meta"],
                error=_ERRORS["meta"],
                help=t("One “key: value” a line. Lists can be filtered by it."),
                control_class="font-mono text-sm",
                class_name="mt-3",
                dir="auto",
            ),
            open=rx.cond(_VALUES["meta"], True, rx.cond(_ERRORS["meta"], True, False)),
        ),
        class_name="flex flex-col gap-5",
    )


def _way(value: str, label: rx.Var[str], hint: rx.Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="status",
            value=value,
            default_checked=_VALUES["status"] == value,
            class_name="radio radio-sm mt-0.5 border-edge",
        ),
        rx.el.span(
            rx.el.span(label, class_name="font-medium"),
            rx.el.span(hint, class_name="block text-muted"),
            class_name="text-sm",
        ),
        class_name="flex cursor-pointer gap-3",
    )


def publishing() -> rx.Component:
    """Now, later, or not yet."""
    return rx.el.fieldset(
        rx.el.legend(t("When do others see it?"), class_name="mb-3 text-sm font-medium"),
        rx.el.div(
            _way("published", t("At once"), t("It appears in every open list within a second.")),
            _way("scheduled", t("Later"), t("It appears by itself at the time you choose.")),
            rx.el.div(
                _publication_time(),
                hidden=PostFormState.chosen_status != "scheduled",
                class_name="ps-8",
            ),
            _way("draft", t("Not yet"), t("Only you and the moderators see a draft.")),
            class_name="flex flex-col gap-3",
        ),
        class_name="min-w-0",
    )


def _publication_time() -> rx.Component:
    def control(attributes: dict[str, Any]) -> rx.Component:
        return LocalTime.create(
            value=_VALUES["published_at"],
            zone_label=t("Your time zone:"),
            class_name="input w-full border-edge bg-base-100 aria-invalid:border-error",
            **attributes,
        )

    return field(t("Publish at"), "published_at", control, form=FORM, error=_ERRORS["published_at"], required=True)


def save_bar() -> rx.Component:
    """The button says what it does: who may not publish the post changes its words alone."""
    publish = rx.cond(PostFormState.is_published, t("Save changes"), t("Publish"))
    other = rx.cond(PostFormState.chosen_status == "scheduled", t("Schedule"), t("Save draft"))
    label = rx.cond(PostFormState.chosen_status == "published", publish, other)
    label = rx.cond(PostFormState.may_publish, label, t("Save changes"))
    return rx.el.div(
        link_button(t("Leave"), PostFormState.post_url, kind="quiet"),
        button(
            rx.cond(PostFormState.has_conflict, t("Keep mine"), label),
            type="submit",
            kind="primary",
            busy=PostFormState.is_saving,
            busy_label=t("Saving"),
        ),
        # The margins take it over the page's own at the sides and below, so that it stands still to the page's end.
        class_name="save-bar sticky bottom-0 z-10 -mx-4 -mb-14 flex justify-end gap-2 border-t border-line bg-base-100"
        " px-4 py-3 max-lg:bottom-14 sm:-mx-8 sm:px-8 lg:-mb-16",
    )


def conflict_notice() -> rx.Component:
    """Somebody else saved the post first: nothing is overwritten before the person has chosen."""
    return rx.cond(
        PostFormState.has_conflict,
        card(
            rx.el.h2(t("Somebody changed this post while you were writing"), class_name="text-lg"),
            rx.el.p(
                t("Nothing is lost: your words are still here, theirs are saved. Choose whose stay."),
                class_name="text-muted",
            ),
            rx.el.details(
                rx.el.summary(t("See both"), class_name="cursor-pointer font-medium"),
                _differences(),
            ),
            rx.el.div(
                button(t("Keep mine"), type="submit", kind="primary", size="sm", busy=PostFormState.is_saving),
                button(t("Take theirs"), size="sm", on_click=PostFormState.take_theirs),
                class_name="flex flex-wrap gap-2",
            ),
            id="conflict",
            tab_index=-1,
            role="alert",
            class_name="flex flex-col gap-3 border-warning",
        ),
    )


def _differences() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.del_(t("theirs, saved"), class_name="me-3 bg-error/10 px-1 no-underline"),
            rx.el.ins(t("yours, not saved"), class_name="bg-success/10 px-1 no-underline"),
            class_name="py-2 text-sm",
        ),
        rx.el.div(
            rx.foreach(PostFormState.conflict, _line),
            dir="auto",
            class_name="max-h-80 overflow-auto whitespace-pre-wrap rounded-box border border-line p-3 text-sm",
            tab_index=0,
            role="region",
            aria_label=t("Both texts"),
        ),
    )


def _line(line: Item) -> rx.Component:
    return rx.fragment(
        rx.cond(line["kind"] == "theirs", rx.el.del_("− ", line["text"], class_name="block bg-error/10 no-underline")),
        rx.cond(line["kind"] == "mine", rx.el.ins("+ ", line["text"], class_name="block bg-success/10 no-underline")),
        rx.cond(line["kind"] == "same", rx.el.p("  ", line["text"], class_name="text-muted")),
        rx.cond(line["kind"] == "leap", rx.el.p("⋯", aria_hidden="true", class_name="text-muted")),
    )
