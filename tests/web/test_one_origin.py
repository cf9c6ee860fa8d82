"""How the pages are built and served in development: what our word on Vite's configuration has to hold."""

from __future__ import annotations

from reflex.utils.frontend_skeleton import _compile_vite_config
from reflex_base.config import get_config

from myapp.web import one_origin


def test_vite_passes_sockets_and_the_api_on_and_listens_where_we_do():
    ours = one_origin._ours(_compile_vite_config(get_config()))

    assert f'"our-host", config: () => ({{ server: {{ host: "{get_config().backend_host}" }} }})' in ours
    assert '"^/socket(/|\\\\?|$)": {"target": "http://127.0.0.1:' in ours
    assert "./utils/env.js" in ours
    assert one_origin._ours(ours) == ours, "a second time changes nothing"
