"""What a page of ours sends along with a form: where it is, and the token that its script keeps in a cookie."""

from __future__ import annotations

ORIGIN = "http://localhost:3000"
FORM_TOKEN = "0123456789abcdef" * 2
FORM_COOKIES = {"csrf": FORM_TOKEN, "__Host-csrf": FORM_TOKEN}
WITH_TOKEN = {"x-csrf-token": FORM_TOKEN}
FROM_OUR_PAGE = {"origin": ORIGIN, **WITH_TOKEN}


def from_our_page(origin: str) -> dict[str, str]:
    """The headers of a browser there that holds nothing but the token."""
    return {"origin": origin, "cookie": f"csrf={FORM_TOKEN}", **WITH_TOKEN}
