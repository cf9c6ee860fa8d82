"""Every endpoint, and what a key must be good for there: a new one fails this until it says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from myapp import accounts
from myapp import myapp as product
from myapp.kit import routes
from myapp.kit.clock import new_id
from myapp.kit.scope import Grant, Scope
from tests.factories.files import PDF, picture
from tests.web.files.conftest import Site

READ, WRITE, MANAGE = Grant.READ, Grant.WRITE, Grant.MANAGE
EVERY = (READ, WRITE, MANAGE)

FORM = "a form of our own pages, which a browser posts: no key opens it"
OPEN = "for everybody, or for who shows something else than a key"
NO_KEY = "for the person alone"


@dataclass(frozen=True)
class Needs:
    """What an owner's key must be good for, and a request that is answered then."""

    grants: tuple[Grant, ...]
    address: str
    content: bytes = b""


ENDPOINTS: dict[str, str | Needs] = {
    "POST /session": FORM,
    "POST /session/link": FORM,
    "POST /session/link/use": FORM,
    "POST /session/delete": FORM,
    "POST /session/token": FORM,
    "POST /session/demo": FORM,
    "POST /session/register": FORM,
    "POST /session/confirm": FORM,
    "POST /session/confirm/again": FORM,
    "POST /session/reset": FORM,
    "POST /session/reset/use": FORM,
    "POST /api/v1/tokens": OPEN,
    "POST /api/v1/tokens/refresh": OPEN,
    "DELETE /api/v1/tokens": OPEN,
    "GET /health": OPEN,
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /metrics": OPEN,
    "GET /dev/mailbox": OPEN,
    "GET /dev/mailbox/{mail_id}": OPEN,
    "GET /avatars/{name}": OPEN,
    f"GET {routes.FILE}": OPEN,  # for who may read the post, as every key may what its person reads as a member
    f"GET {routes.DOWNLOAD_OWN_DATA}": NO_KEY,
    f"GET {routes.DOWNLOAD_POSTS}": Needs((READ, MANAGE), "/downloads/{org}/posts.zip"),
    f"GET {routes.DOWNLOAD_EXPORT}": Needs((READ, MANAGE), f"/downloads/{{org}}/exports/{new_id()}.zip"),
    f"POST {routes.UPLOAD_IMPORT}": Needs(EVERY, "/uploads/imports/{org}?filename=site.xml", b"<rss/>"),
    f"POST {routes.UPLOAD_FILE}": Needs((READ, WRITE), "/uploads/files/{org}/attachment?filename=a.pdf", PDF),
    f"POST {routes.UPLOAD_AVATAR}": Needs((READ, WRITE), routes.UPLOAD_AVATAR, picture()),
}
LIMITED = {name: needs for name, needs in ENDPOINTS.items() if isinstance(needs, Needs)}


def endpoints() -> Iterator[str]:
    for included in product.api.routes:
        for route in included.original_router.routes:  # pyright: ignore[reportAttributeAccessIssue] - FastAPI's own
            yield from (f"{method} {route.path}" for method in route.methods - {"HEAD"})


async def bearer_of(site: Site, grants: tuple[Grant, ...]) -> dict[str, str]:
    """The owner's, who is an operator as well: nobody has more rights to limit."""
    owner = await accounts.scope_for_session((await site.cookies_of(site.owner) or {})["session"])
    await accounts.set_operator(Scope.system("a test"), owner.user_id or new_id(), on=True)
    made = await accounts.create_api_key(owner, {"name": "A key", "scopes": [each.value for each in grants]})
    return {"authorization": f"Bearer {made.key}"}


async def answer(browser: httpx.AsyncClient, site: Site, name: str, needs: Needs, headers: dict[str, str]) -> int:
    method = name.partition(" ")[0]
    content = needs.content or None
    sent = await browser.request(method, needs.address.format(org=site.slug), content=content, headers=headers)
    return sent.status_code


def test_every_endpoint_says_what_a_key_must_be_good_for() -> None:
    assert set(endpoints()) == ENDPOINTS.keys()


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize("grants", [(READ,), (READ, WRITE), (READ, MANAGE), EVERY], ids=lambda each: "+".join(each))
async def test_a_key_opens_what_it_is_good_for_and_nothing_else(
    browser: httpx.AsyncClient, site: Site, name: str, grants: tuple[Grant, ...]
) -> None:
    needs = LIMITED[name]
    code = await answer(browser, site, name, needs, await bearer_of(site, grants))
    if set(needs.grants) <= set(grants):
        assert code not in {401, 403}
    else:
        assert code == 403


@pytest.mark.parametrize("name", [name for name, needs in ENDPOINTS.items() if needs == NO_KEY])
async def test_what_is_for_the_person_alone_no_key_opens(browser: httpx.AsyncClient, site: Site, name: str) -> None:
    method, _, path = name.partition(" ")
    assert (await browser.request(method, path, headers=await bearer_of(site, EVERY))).status_code == 403


@pytest.mark.parametrize("name", LIMITED)
async def test_what_is_no_key_opens_nothing_not_even_beside_a_cookie(
    browser: httpx.AsyncClient, site: Site, name: str
) -> None:
    browser.cookies.update(await site.cookies_of(site.owner) or {})
    assert await answer(browser, site, name, LIMITED[name], {"authorization": "Bearer myapp_none"}) == 401


@pytest.mark.parametrize("name", [name for name, needs in ENDPOINTS.items() if needs == FORM])
async def test_no_key_stands_for_a_form_of_our_pages(browser: httpx.AsyncClient, site: Site, name: str) -> None:
    method, _, path = name.partition(" ")
    sent = await browser.request(
        method, path, headers={**await bearer_of(site, EVERY), "origin": "https://evil.example"}
    )
    assert sent.status_code == 403
    assert "set-cookie" not in sent.headers
