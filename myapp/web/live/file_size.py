"""How large a file is, as the reader's language says it.

FileSize.create(bytes=file["size"], class_name="tabular text-muted")
"""

from __future__ import annotations

import reflex as rx

from myapp.web.live.scripts import linked_scripts


class FileSize(rx.Component):
    """See `file_size.js`."""

    library = linked_scripts(__file__)["file_size"]
    tag = "FileSize"

    bytes: rx.Var[int]
