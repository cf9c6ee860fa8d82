"""What `rxconfig.py` needs to build the pages: the plugins, and the npm packages the browser's side imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any, override

import reflex as rx

from myapp.kit import catalogues
from myapp.web import theme
from myapp.web.one_origin import OneOrigin

# Versions are exact: the npm lock is written from them.
FONTS = tuple(f"{face.package}@5.3.0" for face in theme.FACES)
BROWSER_PACKAGES = ("phoenix@1.8.16",)  # imported by our own scripts
STYLE_PACKAGES = ("daisyui@5.8.1", "@tailwindcss/typography@0.5.20")


def plugins() -> list[rx.plugins.Plugin]:
    """Reflex's plugins in the order they must run: ours change what the ones before them wrote."""
    return [rx.plugins.TailwindV4Plugin(), ThemeFiles(), Translations(), OneOrigin()]


class ThemeFiles(rx.plugins.Plugin):
    """Adds the fonts, daisyUI and our theme to Tailwind's root sheet, and installs what only our own files import."""

    @override
    def get_frontend_development_dependencies(self, **context: Any) -> list[str]:
        # As ordinary dependencies Reflex would also import them as scripts.
        return [*FONTS, *STYLE_PACKAGES, *BROWSER_PACKAGES]

    @override
    def pre_compile(self, **context: Any) -> None:
        context["add_modify_task"]("styles/tailwind.css", _with_theme)


class Translations(rx.plugins.Plugin):
    """Puts the catalogues where the pages look for them: `/locales/<language>.json`."""

    @override
    def get_static_assets(self, **context: Any) -> list[tuple[Path, str | bytes]]:
        texts = catalogues.for_browsers()
        return [(Path("public", "locales", f"{language}.json"), text) for language, text in texts.items()]


def _with_theme(tailwind_css: str) -> str:
    return f"{tailwind_css}\n{theme.stylesheet()}"
