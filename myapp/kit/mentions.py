"""Whom somebody's words name: found in the HTML of what is written, and marked in it.

In code and links nobody is spoken to. Names are looked up as they were typed: which of them are the same is for the
database to say, whose small letters are not Python's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from myapp.kit.markup import in_words

MAX_MENTIONS = 50
MAX_NAME = 30

_MENTION = re.compile(r"(?<![\w@/.-])@([\w.-]{3,})")
_MARK = re.compile(r'<span class="mention" data-user="([0-9a-f-]{36})">')


def usernames_in(html: str) -> list[str]:
    """Whom some safe HTML may be speaking to, each spelling once; at most fifty.

    >>> usernames_in("<p>@Ada and (@mei.t), not a@example.com or <code>@bob</code>. Right, @Ada?</p>")
    ['Ada', 'mei.t']
    """
    found = list[str]()

    def look(words: str) -> str:
        found.extend(_username(name) for name in _MENTION.findall(words))
        return words

    in_words(html, look)
    return list(dict.fromkeys(name for name in found if 3 <= len(name) <= MAX_NAME))[:MAX_MENTIONS]


def with_mentions(html: str, people: Mapping[str, UUID]) -> str:
    """Safe HTML with the people of these usernames marked, by id, so that a page can tell who is meant.

    >>> with_mentions("<p>@Ada, <code>@Ada</code></p>", {"Ada": UUID(int=7)})
    '<p><span class="mention" data-user="00000000-0000-0000-0000-000000000007">@Ada</span>, <code>@Ada</code></p>'
    """
    return in_words(html, lambda words: _marked(words, people)) if people else html


def mentioned_in(html: str) -> list[UUID]:
    """Who is marked in what `with_mentions` gave, each once."""
    return [UUID(each) for each in dict.fromkeys(_MARK.findall(html))]


def _marked(text: str, people: Mapping[str, UUID]) -> str:
    def mark(found: re.Match[str]) -> str:
        name = _username(found[1])
        user_id = people.get(name)
        if user_id is None:
            return found[0]
        return f'<span class="mention" data-user="{user_id}">@{name}</span>{found[1][len(name) :]}'

    return _MENTION.sub(mark, text)


def _username(name: str) -> str:
    return name.rstrip(".-")
