"""Whom somebody's words name: found when they are written, and marked in their HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from uuid import UUID

from myapp.kit.markup import in_words

MAX_MENTIONS = 50

_MENTION = re.compile(r"(?<![\w@/.-])@([\w.-]{3,30})")


def usernames_in(body: str) -> list[str]:
    """Whom a text may be speaking to, in lower case, each once; at most fifty.

    >>> usernames_in("@Ada and (@mei.t), not a@example.com. Right, @ada?")
    ['ada', 'mei.t']
    """
    names = (_username(name) for name in _MENTION.findall(body))
    return list(dict.fromkeys(name for name in names if len(name) >= 3))[:MAX_MENTIONS]


def with_mentions(html: str, people: Mapping[str, UUID]) -> str:
    """Safe HTML with the people of these usernames marked, by id, so that a page can tell who is meant.

    In code and links nobody is spoken to.

    >>> with_mentions("<p>@Ada, <code>@ada</code></p>", {"ada": UUID(int=7)})
    '<p><span class="mention" data-user="00000000-0000-0000-0000-000000000007">@Ada</span>, <code>@ada</code></p>'
    """
    return in_words(html, lambda words: _marked(words, people)) if people else html


def _marked(text: str, people: Mapping[str, UUID]) -> str:
    def mark(found: re.Match[str]) -> str:
        user_id = people.get(_username(found[1]))
        if user_id is None:
            return found[0]
        end = len(found[1].rstrip(".-")) + 1
        return f'<span class="mention" data-user="{user_id}">{found[0][:end]}</span>{found[0][end:]}'

    return _MENTION.sub(mark, text)


def _username(name: str) -> str:
    return name.rstrip(".-").lower()
