"""The product's own app with an organisation in it, as the blog's pages are tested."""

from tests.web.blog.conftest import site

__all__ = ["site"]
