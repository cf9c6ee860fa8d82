"""Reads WordPress eXtended RSS, versions 1.0 to 1.2, from a file or from the zip of files WordPress.com hands out.

The source is read twice. `survey` counts its items and gathers what posts refer to, wherever that stands: authors,
attachments, the clock of the blog. Because it reads to the end, nothing of a hostile file is written. `read` then
yields one item at a time.

A file that is broken or cut off (exports often are: WordPress ran out of time) gives what comes before the break: these
posts are whole, a repaired file imported later only adds to them, and of a site that is gone there may be no other.

What is private stays private: private and password-protected posts become drafts, and comments that were not approved,
or are of a type that is not for readers, stay out.
"""

from __future__ import annotations

from myapp.blog.importing.wordpress._shortcodes import Attachment
from myapp.blog.importing.wordpress._source import read, survey
from myapp.blog.importing.wordpress._survey import Survey

__all__ = ["Attachment", "Survey", "read", "survey"]
