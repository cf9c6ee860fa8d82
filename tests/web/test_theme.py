"""Every pair of colours that carries text can be read, in both themes (WCAG 2.1 AA)."""

from __future__ import annotations

import re

import pytest

from myapp.web import theme
from myapp.web.theme import DARK, LIGHT, Palette, contrast

SURFACES = ("base_100", "base_200", "base_300", "tint", "mark")
INKS = ("base_content", "muted", "primary", "info", "success", "warning", "error", "live")
FILLED = ("primary", "neutral", "info", "success", "warning", "error")

both_themes = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def test_contrast_is_what_the_standard_says():
    black, white = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)
    assert contrast(black, white) == pytest.approx(21, abs=0.01)
    assert contrast(white, white) == pytest.approx(1)


@both_themes
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("ink", INKS)
def test_ink_can_be_read_on_every_surface(palette: Palette, ink: str, surface: str):
    assert contrast(getattr(palette, ink), getattr(palette, surface)) >= 4.5


@both_themes
@pytest.mark.parametrize("name", FILLED)
def test_text_on_a_filled_colour_can_be_read(palette: Palette, name: str):
    assert contrast(getattr(palette, name), getattr(palette, f"{name}_content")) >= 4.5


@both_themes
def test_borders_that_show_a_control_stand_out(palette: Palette):
    assert contrast(palette.edge, palette.base_100) >= 3
    assert contrast(palette.edge, palette.base_200) >= 3


def test_the_stylesheet_defines_every_token_in_both_themes():
    sheet = theme.stylesheet()
    for name in theme.Palette.__dataclass_fields__:
        definitions = re.findall(rf"--color-{name.replace('_', '-')}: oklch", sheet)
        assert len(definitions) == 3, f"{name}: light, dark by the system, dark by choice"


def test_digits_are_equally_wide_and_points_are_not():
    sheet = theme.stylesheet()
    (face,) = re.findall(r'@font-face { font-family: "Figures";[^}]*}', sheet)
    assert "unicode-range: U+0030-0039;" in face
    assert "tabular-nums" not in sheet  # by it the face's points and commas are as wide as its digits, too
