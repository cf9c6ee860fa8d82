"""Reads a folder or zip of Markdown files with front matter, as Jekyll, Hugo, Ghost's exporters and ours write them.

One file, one post. A file that can't be read is a `Skip` with its reason, and the others go on. Nothing is ever
unpacked to disk: names of files are only names, so one that points elsewhere does no harm, and is refused all the same.
"""

from __future__ import annotations

from myapp.blog.importing.markdown._source import Folder, open_folder

__all__ = ["Folder", "open_folder"]
