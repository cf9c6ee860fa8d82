"""Lists that are narrowed by filters or words have a topic of their own, one for all who narrow it alike.

    narrowed("stream:posts:demo", "tag=tea")        # "stream:posts:demo:~<digest>?tag=tea"

The browser joins what stands before the question mark and sends what stands behind it with the join, as a topic is
short and a search may be long. Whoever opens the list reads the words, never trusts them, and refuses any that are not
written as it would write them itself; so equal filters are one list, with one feed.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

MARK = "~"


def narrowed(topic: str, query: str) -> str:
    """What `stream` is given to follow the topic narrowed by a query; the topic itself when there is none.

    >>> narrowed("stream:posts:demo", ""), narrowed("stream:posts:demo", "tag=tea")
    ('stream:posts:demo', 'stream:posts:demo:~w7krWPzh2cTFkd3SyLTK8Q?tag=tea')
    """
    return f"{topic}:{digest(query)}?{query}" if query else topic


def digest(query: str) -> str:
    """The name of a query within a topic: its last argument."""
    return MARK + urlsafe_b64encode(hashlib.sha256(query.encode()).digest()[:16]).rstrip(b"=").decode()


def is_digest(argument: str) -> bool:
    """Whether an argument of a topic is such a name."""
    return argument.startswith(MARK)
