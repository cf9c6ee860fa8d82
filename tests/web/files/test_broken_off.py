"""Who breaks off what they send, as anybody may, is no error of ours and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from myapp import myapp as product
from myapp.config import load_settings
from myapp.kit import routes
from tests.web.files.conftest import Site, lying
from tests.web.our_page import FORM_COOKIES, FROM_OUR_PAGE


@pytest.mark.parametrize(
    "path",
    [
        routes.SESSION,
        routes.ACCOUNT_REGISTER,
        routes.TOKENS,
        routes.upload_avatar(),
        "/uploads/files/{org}/cover",
        "/uploads/imports/{org}",
    ],
)
async def test_a_body_that_breaks_off_is_no_error(site: Site, files: Path, path: str) -> None:
    imports = lying(load_settings().data_dir / "imports")
    cookies = {**FORM_COOKIES, **(await site.cookies_of(site.owner) or {})}
    headers = {
        **FROM_OUR_PAGE,
        "host": "localhost:3000",
        "content-type": "application/json",
        "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path.format(org=site.slug), "query_string": b"", "root_path": "", "server": ("localhost", 3000),
        "client": ("192.0.2.9", 1), "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    said = iter([{"type": "http.request", "body": b"<x", "more_body": True}, {"type": "http.disconnect"}])
    answered: list[int] = []

    async def receive() -> Any:
        return next(said)

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    await product.api(scope, receive, send)
    assert answered == [400]
    assert lying(files) == []
    assert lying(load_settings().data_dir / "imports") == imports
