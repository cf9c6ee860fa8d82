"""Texts of components: what the browser is told to look up."""

from __future__ import annotations

import json
import subprocess

import pytest
import reflex as rx

from myapp import toolchain
from myapp.config import ROOT
from myapp.web.i18n import languages, t, tn
from myapp.web.live.browser import TEXTS


def test_a_text_is_looked_up_in_the_browser():
    text = t('Save "all" of it\'s')
    assert str(text) == 'texts.text("Save \\"all\\" of it\'s")'
    data = text._get_all_var_data()
    assert data is not None
    assert "const texts = useTexts()" in data.hooks
    assert TEXTS in dict(data.imports)


class GreetingState(rx.State):
    """A live value to put into texts."""

    reader: str = "Ada"
    unread: int = 3


def test_live_values_go_into_the_text_with_the_state_they_need():
    text = t("Good day, %(name)s", name=GreetingState.reader)
    assert str(text).startswith('texts.text("Good day, %(name)s", ({"name": ')
    data = text._get_all_var_data()
    assert data is not None
    assert (
        any(GreetingState.get_full_name() in hook for hook in data.hooks) or data.state == GreetingState.get_full_name()
    )


def test_a_number_chooses_the_form():
    text = tn("%(count)s message", "%(count)s messages", GreetingState.unread)
    assert str(text).startswith('texts.plural("%(count)s message", "%(count)s messages", ')


def test_a_text_can_stand_wherever_a_component_takes_one():
    rendered = str(rx.el.button(t("Save"), aria_label=t("Save")))
    assert rendered.count('texts.text("Save")') == 2


def test_languages_name_themselves():
    assert languages()[0] == ["en", "English"]


@pytest.mark.parametrize(
    ("wanted", "known", "tag"),
    [
        ("en-GB", ["en-GB", "en"], "en-GB"),
        ("en", ["de-CH", "en-GB", "en-US"], "en-GB"),
        ("de", ["en-GB"], "de"),
        ("EN-gb", [], "en-GB"),
        ("no language", [], "en"),
    ],
)
def test_dates_and_numbers_are_written_as_in_the_readers_region(wanted: str, known: list[str], tag: str):
    script = ROOT / "myapp" / "web" / "live" / "browser" / "locale.js"
    call = f"regional({json.dumps(wanted)}, {json.dumps(known)})"
    code = f"import {{ regional }} from {json.dumps(script.as_uri())}; console.log({call})"
    command = [str(toolchain.programs_folder() / "node"), "--input-type=module", "-e", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == tag
