"""A generated site to measure on: 100,000 posts of one organisation with as many messages, and smaller neighbours.

Words follow Zipf's law over an invented vocabulary, with English stop words between them, so that a search can be for a
word that nearly every post has, or hardly any. It is the same corpus every time; a database that has it is kept.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

POSTS = 100_000
NEIGHBOURS = 10
POSTS_OF_NEIGHBOUR = 500
COMMENTS = 200_000
ROOMS = 50
MESSAGES_OF_ROOM = 2000
USERS = 200
TAGS = 60
VOCABULARY = 30_000
START = datetime(2016, 1, 1, tzinfo=UTC)
STOP_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "a",
    "in",
    "is",
    "it",
    "that",
    "for",
    "on",
    "with",
    "as",
    "was",
    "at",
    "by",
    "be",
]

_ONSETS = [
    "b",
    "br",
    "c",
    "d",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "qu",
    "r",
    "s",
    "st",
    "t",
    "v",
    "w",
]
_RHYMES = [
    "a",
    "an",
    "ar",
    "e",
    "el",
    "en",
    "i",
    "il",
    "in",
    "ir",
    "o",
    "ol",
    "on",
    "or",
    "u",
    "ul",
    "um",
    "ay",
    "ee",
    "oo",
]


def vocabulary(size: int = VOCABULARY) -> list[str]:
    """Invented words, the most frequent first."""
    rng = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < size:
        words["".join(rng.choice(_ONSETS) + rng.choice(_RHYMES) for _ in range(rng.randint(2, 4)))] = None
    return list(words)


class Corpus:
    """The rows, made as they are asked for."""

    def __init__(self, posts: int = POSTS) -> None:
        self.rng = random.Random(2)
        self.posts = posts
        self.words = vocabulary()
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(len(self.words))))
        self.orgs = [self.uuid() for _ in range(1 + NEIGHBOURS)]
        self.users = [self.uuid() for _ in range(USERS)]
        self.tags = [self.uuid() for _ in range(TAGS)]
        self.post_ids: list[UUID] = []

    def uuid(self, moment: datetime | None = None) -> UUID:
        """A UUIDv7 of that moment."""
        millis = int((moment or START).timestamp() * 1000)
        bits = millis << 80 | 7 << 76 | self.rng.getrandbits(12) << 64 | 2 << 62 | self.rng.getrandbits(62)
        return UUID(int=bits)

    def text(self, count: int) -> str:
        """So many words, in sentences."""
        content = self.rng.choices(self.words, cum_weights=self.weights, k=count)
        fillers = self.rng.choices(STOP_WORDS, k=count)
        words = [word for pair in zip(content, fillers, strict=True) for word in pair]
        return ". ".join(" ".join(words[at : at + 14]).capitalize() for at in range(0, len(words), 14)) + "."

    def post(self, org: UUID, number: int, of: int) -> tuple[Any, ...]:
        """A row of `posts`, nine in ten of them published."""
        moment = START + timedelta(days=3650) * (number / of) + timedelta(seconds=self.rng.random() * 3000)
        body = self.text(max(20, int(self.rng.lognormvariate(4.6, 0.6))))
        title = " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=self.rng.randint(2, 6))).capitalize()
        post_id = self.uuid(moment)
        self.post_ids.append(post_id)
        status = "published" if self.rng.random() < 0.9 else "draft"
        views = int(self.rng.paretovariate(0.9)) % 1_000_000
        meta = Jsonb({"series": f"s{self.rng.randint(1, 200)}", "rating": self.rng.randint(1, 5)})
        author = self.users[min(int(self.rng.paretovariate(0.5)), USERS) - 1]
        return (
            post_id, moment, moment, org, author, title, f"post-{number}", body, f"<p>{body}</p>\n", body, status,
            moment, views, meta,
        )  # fmt: skip

    def all_posts(self) -> Iterator[tuple[Any, ...]]:
        for index, org in enumerate(self.orgs):
            count = self.posts if index == 0 else POSTS_OF_NEIGHBOUR
            for number in range(count):
                yield self.post(org, number, count)


def build(connection: psycopg.Connection, posts: int = POSTS) -> Corpus:
    """Fill an empty, migrated database."""
    corpus = Corpus(posts)
    rng = corpus.rng
    with connection.cursor() as cursor:
        _copy(cursor, "organizations", "id, name, slug", [
            (org, f"Bench {number}", f"bench-{number}" if number else "bench") for number, org in enumerate(corpus.orgs)
        ])  # fmt: skip
        _copy(cursor, "users", "id, email, username, name", [
            (user, f"u{number}@example.com", f"user{number}", f"User {number}")
            for number, user in enumerate(corpus.users)
        ])  # fmt: skip
        _copy(cursor, "memberships", "id, org_id, user_id, role", [
            (corpus.uuid(), corpus.orgs[0], user, "owner" if number == 0 else "member")
            for number, user in enumerate(corpus.users)
        ])  # fmt: skip
        _copy(cursor, "tags", "id, org_id, name, slug", [
            (tag, corpus.orgs[0], f"Tag {number}", f"tag-{number}") for number, tag in enumerate(corpus.tags)
        ])  # fmt: skip
        _copy(
            cursor,
            "posts",
            "id, inserted_at, updated_at, org_id, author_id, title, slug, body, body_html, body_text, status, "
            "published_at, view_count, metadata",
            corpus.all_posts(),
        )
        ours = corpus.post_ids[:posts]
        _copy(cursor, "post_tags", "post_id, tag_id", (
            (post, corpus.tags[tag]) for post in ours
            for tag in {min(int(rng.paretovariate(0.7)), TAGS) - 1 for _ in range(3)}
        ))  # fmt: skip
        _copy(cursor, "comments", "id, org_id, post_id, author_id, body, body_html, like_count", (
            (corpus.uuid(), corpus.orgs[0], rng.choice(ours), rng.choice(corpus.users), "Well said.",
             "<p>Well said.</p>\n", int(rng.expovariate(0.5)))
            for _ in range(COMMENTS * posts // POSTS)
        ))  # fmt: skip
        _talk(cursor, corpus)
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    return corpus


def _talk(cursor: psycopg.Cursor[Any], corpus: Corpus) -> None:
    """Rooms that nobody has read; every tenth message names somebody."""
    rng, org, rooms = corpus.rng, corpus.orgs[0], [corpus.uuid() for _ in range(ROOMS)]
    _copy(cursor, "chat_rooms", "id, org_id, name, slug, last_seq", [
        (room, org, f"Room {number}", f"room-{number}", MESSAGES_OF_ROOM) for number, room in enumerate(rooms)
    ])  # fmt: skip
    _copy(
        cursor,
        "chat_messages",
        "id, org_id, room_id, user_id, seq, client_id, body, body_html, mentions",
        (
            (corpus.uuid(), org, room, rng.choice(corpus.users), seq, str(seq), "What do you say?",
             "<p>What do you say?</p>\n", [rng.choice(corpus.users)] if seq % 10 == 0 else [])
            for room in rooms for seq in range(1, MESSAGES_OF_ROOM + 1)
        ),
    )  # fmt: skip


def _copy(cursor: psycopg.Cursor[Any], table: str, columns: str, rows: Any) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)
