"""The same site as for the blog's pages."""

from tests.web.blog.conftest import site

__all__ = ["site"]
