"""What a browser says of itself, in words that its owner recognises."""

from __future__ import annotations

# Each claims to be those after it, too.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"),
    ("curl/", "curl"), ("python-", "Python"), ("okhttp", "Android app"), ("Dart/", "Dart"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """Browser and system; the beginning of the text for what is neither, and nothing for nothing.

    >>> device_name("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")
    'Firefox, Linux'
    >>> device_name("a program of mine/1.0")
    'a program of mine/1.0'
    """
    found = [next((name for sign, name in signs if sign in user_agent), "") for signs in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or user_agent[:60]
