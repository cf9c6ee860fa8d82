"""The product's own app with an organisation and its people, as the blog's pages have it."""

from tests.web.blog.conftest import site

__all__ = ["site"]
