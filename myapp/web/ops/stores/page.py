"""Caches, circuit breakers and the services of others, as a process knows them."""

from __future__ import annotations

import reflex as rx

from myapp.kit import routes
from myapp.web.i18n import t
from myapp.web.ops.browser import Board, Column, board_page
from myapp.web.ops.chosen import of_process, process_board
from myapp.web.ops.layout import board_parts, ops_layout, table_part

_STATES = {"closed": t("closed"), "open": t("open"), "trying": t("one call tries")}
"""What the states of a circuit breaker are called."""


def stores_page() -> rx.Component:
    """How they stand now."""
    board = process_board("stores")
    return ops_layout(
        t("Caches and services"),
        board_page(
            board,
            lambda: of_process(
                board,
                routes.ops_stores,
                board_parts(_caches(board), _breakers(board), _services(board), _limits(board)),
            ),
        ),
        lead=t("As one process knows them."),
    )


def _caches(board: Board) -> rx.Component:
    return table_part(
        t("Caches"),
        board.rows("caches"),
        Column("name", t("Cache"), "code"),
        Column("hit_rate", t("Found"), "percent"),
        Column("hits", t("Hits"), "number"),
        Column("misses", t("Misses"), "number"),
        Column("entries", t("Entries"), "number"),
        Column("size", t("At most"), "number"),
        Column("bytes", t("Size"), "bytes"),
        Column("ttl", t("Kept for"), "duration"),
        order="name",
        empty=t("There are no caches."),
        help=t("Where Redis holds them, it alone knows how many there are."),
    )


def _breakers(board: Board) -> rx.Component:
    return table_part(
        t("Circuit breakers"),
        board.rows("breakers"),
        Column("name", t("Service"), "code"),
        Column("state", t("State"), tone="tone", words=_STATES),
        Column("since", t("Since"), "ago"),
        Column("failures", t("Failures in a row"), "number"),
        Column("retry_in", t("Tried again in"), "duration"),
        order="name",
        empty=t("No service of others has been called."),
        help=t("An open one lets no call through until the service may be there again."),
    )


def _services(board: Board) -> rx.Component:
    return table_part(
        t("Services of others"),
        board.rows("services"),
        Column("name", t("Service"), "code"),
        Column("url", t("Address"), "code"),
        Column("attempts", t("Calls"), "number"),
        Column("failures", t("Failed"), "number"),
        Column("under_way", t("Under way"), "number"),
        Column("per_minute", t("At most a minute"), "number"),
        order="name",
        empty=t("No service of others has been called."),
    )


def _limits(board: Board) -> rx.Component:
    return table_part(
        t("Limits in the last hour"),
        board.rows("limits"),
        Column("id", t("Limit"), "code"),
        Column("value", t("Told to wait"), "number"),
        order="-value",
        empty=t("Nobody was told to wait in the last hour."),
    )
