"""Components without business words: what pages are made of. Each file shows its use at the top."""

from myapp.web.components._types import Item, as_item
from myapp.web.components.actions import button, icon_button, link, link_button, plain_link
from myapp.web.components.dialogs import dialog, dialog_link, is_dialog_open
from myapp.web.components.fields import checkbox_field, field, search_field, select_field, text_field, textarea_field
from myapp.web.components.icons import icon
from myapp.web.components.live_marks import relative_time
from myapp.web.components.marks import avatar, badge, kbd, progress_bar, tag
from myapp.web.components.markup import safe_html, safe_inline_html
from myapp.web.components.navigation import filter_chip, page_numbers, tabs
from myapp.web.components.states import empty_state, error_state, skeleton, skeleton_cards, skeleton_lines
from myapp.web.components.surfaces import card, data_table, table_cell, table_row

__all__ = [
    "Item",
    "as_item",
    "avatar",
    "badge",
    "button",
    "card",
    "checkbox_field",
    "data_table",
    "dialog",
    "dialog_link",
    "empty_state",
    "error_state",
    "field",
    "filter_chip",
    "icon",
    "icon_button",
    "is_dialog_open",
    "kbd",
    "link",
    "link_button",
    "page_numbers",
    "plain_link",
    "progress_bar",
    "relative_time",
    "safe_html",
    "safe_inline_html",
    "search_field",
    "select_field",
    "skeleton",
    "skeleton_cards",
    "skeleton_lines",
    "table_cell",
    "table_row",
    "tabs",
    "tag",
    "text_field",
    "textarea_field",
]
