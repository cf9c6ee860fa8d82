"""The look in one place: two themes of our own, type, and the CSS they become.

Pages and components name tokens (`bg-base-100`, `text-muted`, `border-line`, `text-lg`), never a raw colour or a pixel
value. Colours are OKLCH triples (lightness 0 to 1, chroma, hue in degrees), so that a step in lightness looks like one;
`tests/web/test_theme.py` holds every pair that carries text to 4.5:1 (WCAG 2.1 AA) in both themes.

`build.ThemeFiles` writes `stylesheet()` beside Tailwind's own sheet when Reflex compiles. daisyUI brings the component
classes and none of its themes. The system's choice of light or dark holds until the person makes one: Reflex then puts
`light` or `dark` on `<html>`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import cos, radians, sin
from pathlib import Path

type Oklch = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """A variable font of fontsource: its family, its npm package, and the styles we use."""

    family: str
    package: str
    styles: tuple[str, ...] = ("normal",)

    @property
    def name(self) -> str:
        return self.package.rsplit("/", maxsplit=1)[1]


FACES = (
    Face("Schibsted Grotesk Variable", "@fontsource-variable/schibsted-grotesk", ("normal", "italic")),
    Face("Spline Sans Mono Variable", "@fontsource-variable/spline-sans-mono"),
)
FIGURES = "Figures"
# Parts a browser loads only when a page has a letter of theirs.
SUBSETS = {
    "latin-ext": "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+02DD-02FF,U+0304,U+0308,U+0329,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+2020,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF",
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One theme. `x_content` is the ink on `x`; the plain semantic colours are also used as ink on the three bases."""

    base_100: Oklch  # the page
    base_200: Oklch  # a raised or sunken surface
    base_300: Oklch  # a pressed one
    base_content: Oklch
    muted: Oklch  # secondary text
    line: Oklch  # hairlines that only group
    edge: Oklch  # borders a control is recognised by
    primary: Oklch  # the one accent
    primary_content: Oklch
    neutral: Oklch
    neutral_content: Oklch
    info: Oklch
    info_content: Oklch
    success: Oklch
    success_content: Oklch
    warning: Oklch
    warning_content: Oklch
    error: Oklch
    error_content: Oklch
    live: Oklch  # what moves by itself
    tint: Oklch  # behind what just changed
    mark: Oklch  # behind a search hit


LIGHT = Palette(
    base_100=(0.991, 0.003, 95),
    base_200=(0.967, 0.005, 95),
    base_300=(0.932, 0.007, 95),
    base_content=(0.235, 0.012, 230),
    muted=(0.475, 0.014, 230),
    line=(0.905, 0.006, 95),
    edge=(0.615, 0.012, 230),
    primary=(0.435, 0.082, 215),
    primary_content=(0.992, 0.003, 95),
    neutral=(0.29, 0.012, 230),
    neutral_content=(0.985, 0.003, 95),
    info=(0.45, 0.1, 250),
    info_content=(0.992, 0.003, 95),
    success=(0.445, 0.095, 155),
    success_content=(0.992, 0.003, 95),
    warning=(0.475, 0.095, 70),
    warning_content=(0.992, 0.003, 95),
    error=(0.48, 0.165, 25),
    error_content=(0.992, 0.003, 95),
    live=(0.46, 0.1, 165),
    tint=(0.955, 0.028, 205),
    mark=(0.93, 0.075, 95),
)

DARK = Palette(
    base_100=(0.205, 0.008, 230),
    base_200=(0.243, 0.009, 230),
    base_300=(0.288, 0.01, 230),
    base_content=(0.925, 0.006, 95),
    muted=(0.735, 0.01, 220),
    line=(0.315, 0.01, 230),
    edge=(0.56, 0.012, 230),
    primary=(0.79, 0.085, 205),
    primary_content=(0.2, 0.03, 220),
    neutral=(0.885, 0.006, 95),
    neutral_content=(0.225, 0.01, 230),
    info=(0.78, 0.085, 250),
    info_content=(0.2, 0.03, 250),
    success=(0.79, 0.1, 155),
    success_content=(0.2, 0.03, 155),
    warning=(0.82, 0.1, 80),
    warning_content=(0.22, 0.03, 80),
    error=(0.755, 0.12, 25),
    error_content=(0.2, 0.04, 25),
    live=(0.8, 0.12, 165),
    tint=(0.285, 0.032, 210),
    mark=(0.355, 0.06, 90),
)

# Six steps, 12 to 40 px: caption, control, text, lead, heading, title. Each with its line height and tracking.
TYPE_SCALE = {
    "xs": ("0.75rem", "1rem", "0.005em"),
    "sm": ("0.875rem", "1.25rem", "0"),
    "base": ("1.0625rem", "1.6875rem", "0"),
    "lg": ("1.25rem", "1.75rem", "-0.01em"),
    "xl": ("1.75rem", "2.125rem", "-0.018em"),
    "2xl": ("2.5rem", "2.75rem", "-0.025em"),
}

_BASE_CSS = Path(__file__).with_name("theme.css")


def oklch(color: Oklch) -> str:
    """The colour as CSS writes it.

    >>> oklch((0.435, 0.082, 215))
    'oklch(43.5% 0.082 215)'
    """
    lightness, chroma, hue = color
    return f"oklch({round(lightness * 100, 2):g}% {chroma:g} {hue:g})"


def linear_rgb(color: Oklch) -> tuple[float, float, float]:
    """Linear-light sRGB of a colour, each part 0 to 1 (Ottosson: bottosson.github.io/posts/oklab)."""
    lightness, chroma, hue = color
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return (min(1.0, max(0.0, red)), min(1.0, max(0.0, green)), min(1.0, max(0.0, blue)))


def hex_code(color: Oklch) -> str:
    """The colour as `#rrggbb`, for the few places that take nothing newer.

    >>> hex_code((1.0, 0.0, 0.0))
    '#ffffff'
    """
    encoded = (12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055 for part in linear_rgb(color))
    return "#" + "".join(f"{round(part * 255):02x}" for part in encoded)


def contrast(one: Oklch, other: Oklch) -> float:
    """How far two colours stand apart, from 1 to 21 (WCAG 2.1, 1.4.3)."""
    darker, lighter = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(linear_rgb, (one, other))
    )
    return (lighter + 0.05) / (darker + 0.05)


def _custom_properties(palette: Palette) -> str:
    names = (field.name for field in fields(palette))
    return "\n".join(f"  --color-{name.replace('_', '-')}: {oklch(getattr(palette, name))};" for name in names)


def _font_faces() -> str:
    """One rule a face, style and subset, naming the file inside the npm package: Vite copies it beside the bundle."""
    return "\n".join(
        f'@font-face {{ font-family: "{face.family}"; font-style: {style}; font-weight: 300 900; font-display: swap;'
        f' src: url("{face.package}/files/{face.name}-{subset}-wght-{style}.woff2") format("woff2");'
        f" unicode-range: {letters}; }}"
        for face in FACES
        for style in face.styles
        for subset, letters in SUBSETS.items()
    )


def _figures() -> str:
    """Digits alone, each as wide as the others: the text face's `tnum` makes points and commas as wide, too, and a
    price or a time falls apart then.
    """
    face = FACES[0]
    return (
        f'@font-face {{ font-family: "{FIGURES}"; font-weight: 300 900; font-display: swap;'
        f' src: url("{face.package}/files/{face.name}-latin-wght-normal.woff2") format("woff2");'
        ' unicode-range: U+0030-0039; font-feature-settings: "tnum"; }'
    )


def _type_scale() -> str:
    lines = ["  --text-*: initial;"]
    for name, (size, leading, tracking) in TYPE_SCALE.items():
        lines += [
            f"  --text-{name}: {size};",
            f"  --text-{name}--line-height: {leading};",
            f"  --text-{name}--letter-spacing: {tracking};",
        ]
    return "\n".join(lines)


def stylesheet() -> str:
    """Everything that follows Tailwind's own imports: plugins, tokens, themes, and the base rules of `theme.css`."""
    return "\n".join(
        [
            # Reflex's tailwind.config.js looks in a few folders only; components compile to more.
            *(f'@source "../{folder}";' for folder in ("app", "app_components", "utils", "public/external")),
            '@plugin "@tailwindcss/typography";',
            '@plugin "daisyui" { themes: false; logs: false; exclude: rootscrollgutter, scrollbar, svg; }',
            _font_faces(),
            _figures(),
            f"@theme {{\n{_type_scale()}\n}}",
            "@theme inline {",
            *(f"  --color-{name}: var(--color-{name});" for name in ("muted", "line", "edge", "live", "tint", "mark")),
            "}",
            f":root {{\n  color-scheme: light;\n{_custom_properties(LIGHT)}\n}}",
            "@media (prefers-color-scheme: dark) {",
            f":root:not(.light) {{\n  color-scheme: dark;\n{_custom_properties(DARK)}\n}}",
            "}",
            f":root.dark {{\n  color-scheme: dark;\n{_custom_properties(DARK)}\n}}",
            _BASE_CSS.read_text(encoding="utf-8"),
        ]
    )
