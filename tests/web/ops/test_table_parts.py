"""The browser's half of operators' tables: rows in order, rows with some words, figures as a language writes them."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
import reflex as rx

from myapp import toolchain
from myapp.config import ROOT
from myapp.web.ops.metrics.chart import Line, chart_figure

SCRIPTS = ROOT / "myapp" / "web" / "ops" / "browser"


def run(script: str, call: str) -> Any:
    """What a call of a function of a script gives, in Node."""
    code = f"import * as all from {json.dumps((SCRIPTS / script).as_uri())}; console.log(JSON.stringify(all.{call}))"
    node = toolchain.programs_folder() / "node"
    arguments = [str(node), "--input-type=module", "-e", code]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(said.stdout)


ROWS = [{"id": "a", "n": 10, "t": "b2"}, {"id": "b", "n": None, "t": "B10"}, {"id": "c", "n": 9, "t": ""}]


@pytest.mark.parametrize(
    ("order", "ids"),
    [("n", "cab"), ("-n", "acb"), ("t", "abc"), ("-t", "bac"), ("nothing", "abc")],
)
def test_rows_are_ordered_with_what_is_missing_last(order: str, ids: str) -> None:
    call = f"ordered({json.dumps(ROWS)}, all.orderOf({json.dumps(order)}))"
    assert "".join(row["id"] for row in run("order.js", call)) == ids


@pytest.mark.parametrize(("words", "ids"), [("", "abc"), ("b", "ab"), ("B 10", "ab"), ("b2 10", "a"), ("x", "")])
def test_rows_are_found_by_all_words(words: str, ids: str) -> None:
    call = f'found({json.dumps(ROWS)}, {json.dumps(words)}, ["n", "t"])'
    assert "".join(row["id"] for row in run("order.js", call)) == ids


def test_values_are_called_as_their_column_says() -> None:
    columns = [{"key": "t", "words": {"b2": "bee"}}, {"key": "n", "words": {}}, {"key": "id"}]
    assert [row["t"] for row in run("order.js", f"worded({json.dumps(ROWS)}, {json.dumps(columns)})")] == [
        "bee", "B10", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kind", "shown"),
    [
        (0, "bytes", "0 bytes"),
        (1, "bytes", "1 byte"),
        (1_234_000, "bytes", "1.2 MB"),
        (0.0004, "duration", "400 µs"),
        (0.0009999, "duration", "1 ms"),
        (0.0123, "duration", "12.3 ms"),
        (90, "duration", "90 sec"),
        (7300, "duration", "2 hr"),
        (0.1234, "percent", "12.3%"),
        (12345.6, "number", "12,346"),
        (0.25, "number", "0.25"),
        (None, "number", "–"),
        ("", "text", "–"),
        ([1, 2], "text", "1, 2"),
        ([], "code", "–"),
    ],
)
def test_a_figure_is_written_as_the_language_does(value: object, kind: str, shown: str) -> None:
    call = f'show({{language: "en"}}, {json.dumps(value)}, {json.dumps(kind)})'
    assert run("format.js", call) == shown


def test_no_two_lines_of_a_chart_look_the_same_to_who_sees_no_colours():
    chart = rx.Var("chart").to(dict)
    chart_figure(chart, Line("one", rx.Var.create("one")), Line("other", rx.Var.create("other"), dashes="4 3"))
    with pytest.raises(ValueError, match="dashed"):
        chart_figure(chart, Line("one", rx.Var.create("one")), Line("other", rx.Var.create("other"), "red"))
