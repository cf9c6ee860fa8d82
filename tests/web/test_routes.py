"""Internal links come from `kit/routes.py`, and every one of them leads to a page or an endpoint that exists."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import reflex as rx
from starlette.routing import Match

import myapp
from myapp.kit import routes
from myapp.myapp import api
from myapp.web.router import PAGES

PACKAGE = Path(myapp.__file__).parent
LINK_ARGUMENTS = {"href", "to", "action", "formaction"}


SAMPLES = {
    "kind": "cover",
    "org_id": "7",
    "key": "covers/8.webp",
    "avatar_key": "avatars/9.webp",
    "org": "demo",
    "slug": "a-post",
    "import_id": "7",
    "export_id": "0190b5a2-7c1e-7b3a-9c55-0123456789ab",
    "mail_id": "7",
    "comment_id": "7",
    "page": "posts",
    "path": "/o/demo/posts",
    "token": "x",
}
BUILDERS = [
    function
    for name, function in inspect.getmembers(routes, inspect.isfunction)
    if function.__module__ == routes.__name__ and inspect.signature(function).return_annotation == "str"
    if not name.startswith("_")
]


def is_an_endpoint(path: str, method: str) -> bool:
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in api.routes)


def fits(address: str, path: str) -> bool:
    names, parts = address.strip("/").split("/"), path.partition("?")[0].strip("/").split("/")
    return len(names) == len(parts) and all(
        name.startswith("[") or name == part for name, part in zip(names, parts, strict=True)
    )


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder.__name__)
def test_every_route_leads_somewhere(builder: Callable[..., str]):
    parameters = inspect.signature(builder).parameters.values()
    path = builder(*[SAMPLES[each.name] for each in parameters if each.kind is not each.VAR_KEYWORD])
    is_page = any(fits(page.route, path) for page in PAGES)
    assert is_page or is_an_endpoint(path, "GET") or is_an_endpoint(path, "POST"), f"{path} leads nowhere"


POSTS = [value for name, value in vars(routes).items() if name.startswith(("SESSION", "ACCOUNT"))]


@pytest.mark.parametrize("path", POSTS)
def test_every_form_is_posted_somewhere(path: str):
    assert is_an_endpoint(path, "POST")


def written_by_hand(source: str) -> Iterator[str]:
    """Internal addresses that stand in code as texts: in links, redirects, and the HTML of mails."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in LINK_ARGUMENTS:
            yield from internal_text(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "redirect":
            for argument in node.args[:1]:
                yield from internal_text(argument)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"""(?:href|action)=["'](/[^"'#]*)""", node.value)


def internal_text(node: ast.expr) -> Iterator[str]:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.startswith("/"):
        yield first.value


def test_no_internal_link_is_written_by_hand():
    files = [path for path in PACKAGE.rglob("*.py") if path.name != "routes.py"]
    found = {
        f"{path.relative_to(PACKAGE)}: {link}"
        for path in files
        for link in written_by_hand(path.read_text(encoding="utf-8"))
        if not (PACKAGE.parent / "assets" / link.lstrip("/")).is_file()
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        'link("x", to="/o/demo")',
        'link("x", href=f"/o/{slug}")',
        'rx.redirect("/nowhere")',
        "body = '<a href=\"/x\">x</a>'",
    ],
)
def test_the_check_sees_links_written_by_hand(source: str):
    assert list(written_by_hand(source))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (routes.post("demo", "a/b"), "/o/demo/posts/a%2Fb"),
        (routes.posts("demo", q="a & b", page="2", after=""), "/o/demo/posts?q=a%20%26%20b&page=2"),
        (routes.posts("demo", tag=["a", "b"]), "/o/demo/posts?tag=a&tag=b"),
        (routes.posts("demo", from_="2026-01-01"), "/o/demo/posts?from=2026-01-01"),
        (routes.tag("demo", "café"), "/o/demo/tags/caf%C3%A9"),
    ],
)
def test_parts_are_quoted_and_empty_filters_left_out(made: str, expected: str):
    assert made == expected


def test_a_live_value_is_put_in_as_it_is():
    slug = rx.Var("post.slug", _var_type=str)
    made = str(rx.Var.create(routes.post("demo", slug)))
    assert made.startswith('("/o/demo/posts/"')
    assert "post.slug" in made
