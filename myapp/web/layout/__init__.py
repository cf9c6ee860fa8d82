"""What stands around every page: the bar, the rail, messages, keys; and the frame a page's content begins with.

Pages return what belongs into `<main>` and begin with one `page_header`.

    def tags_page() -> rx.Component:
        return rx.fragment(page_header(t("Tags")), rx.cond(page_is_loading(), skeleton_lines(), _tags()))
"""

from myapp.web.layout.frame import head, wraps
from myapp.web.layout.headers import page_header, page_title

__all__ = ["head", "page_header", "page_title", "wraps"]
