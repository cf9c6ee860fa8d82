"""One origin everywhere: pages, API and sockets share scheme, host and port, so cookies and checks have one rule.

Reflex bakes the backend's address into the bundle. This plugin replaces that module by one that reads
`window.location`, so a single build serves any host and port, and lets Vite pass the backend's paths on in
development. `is_same_origin` is the matching check on the server's side.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, override

import reflex as rx
from reflex_base import constants
from reflex_base.config import get_config

# Paths the backend answers; everything else is a page. Sockets among them are proxied as such in development.
SOCKET_PATHS = ("/_event", "/socket")
BACKEND_PATHS = (
    "/ping",
    "/_upload",
    "/_health",
    "/api",
    "/session",
    "/health",
    "/metrics",
    "/uploads",
    "/downloads",
    "/dev",
    "/files",
    "/avatars",
)

_ENV_MODULE = """\
// Written by one_origin.py when Reflex compiles.
const origin = typeof window === "undefined" ? "http://localhost" : window.location.origin;
const env = { TRANSPORT: %(transport)s, TEST_MODE: false };
for (const [name, path] of Object.entries(%(paths)s)) env[name] = origin + path;
env.EVENT = env.EVENT.replace(/^http/, "ws");
export default env;
"""


class OneOrigin(rx.plugins.Plugin):
    """Makes the bundle find its backend at the page's own origin."""

    @override
    def pre_compile(self, **context: Any) -> None:
        context["add_save_task"](_env_module)
        context["add_modify_task"]("vite.config.js", _ours)


def _env_module() -> tuple[str, str]:
    paths = {endpoint.name: f"/{endpoint.value.strip('/')}" for endpoint in constants.Endpoint}
    values = {"transport": json.dumps(get_config().transport), "paths": json.dumps(paths)}
    return "utils/env.js", _ENV_MODULE % values


def _ours(vite_config: str) -> str:
    """Vite's configuration with our address module in place of Reflex's and the backend's paths passed on.

    Reflex has Vite listen on every interface, where anybody near could log in as one of the demonstration's people. A
    plugin's word on the host counts more than the command line's.
    """
    if "utils/env.js" in vite_config:
        return vite_config
    alias, server, plugins = "    alias: [\n", "  server: {\n", "  plugins: [\n"
    if not all(place in vite_config for place in (alias, server, plugins)):
        raise RuntimeError("this version of Reflex writes another vite.config.js: one_origin.py must follow it")
    target = f"http://127.0.0.1:{get_config().backend_port or constants.DefaultPorts.BACKEND_PORT}"
    # Regular expressions, because "/api" must not catch "/apiary".
    proxy = {
        f"^{path}(/|\\?|$)": {"target": target, "ws": path in SOCKET_PATHS} for path in (*SOCKET_PATHS, *BACKEND_PATHS)
    }
    module = '      { find: "$/env.json", replacement: fileURLToPath(new URL("./utils/env.js", import.meta.url)) },\n'
    with_module = vite_config.replace(alias, alias + module, 1)
    with_proxy = with_module.replace(server, f"{server}    proxy: {json.dumps(proxy)},\n", 1)
    host = json.dumps(get_config().backend_host)
    our_host = f'    {{ name: "our-host", config: () => ({{ server: {{ host: {host} }} }}) }},\n'
    return with_proxy.replace(plugins, plugins + our_host, 1)


def is_same_origin(origin: str, scope: Mapping[str, Any]) -> bool:
    """Whether a request's `Origin` is the scheme and host it was sent to (an ASGI scope tells both).

    >>> scope = {"scheme": "http", "headers": [(b"host", b"example.org:3000")]}
    >>> is_same_origin("http://example.org:3000", scope), is_same_origin("http://evil.example", scope)
    (True, False)
    """
    headers = _headers(scope["headers"])
    secure = headers.get(b"x-forwarded-proto") == b"https" or scope["scheme"] in {"https", "wss"}
    return origin == f"{'https' if secure else 'http'}://{headers.get(b'host', b'').decode('latin-1')}"


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    return dict(pairs)
