"""Uploads that nobody can import any more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from myapp import accounts, blog
from myapp.kit.errors import Forbidden
from myapp.kit.scope import Role, Scope
from tests.blog.importing.test_running import SYSTEM, site, uploaded
from tests.factories.accounts import make_member, make_organization, with_sudo

DAY = 24 * 3600


def grown_old(path: Path) -> Path:
    written = path.stat().st_mtime - DAY - 60
    os.utime(path, (written, written))
    return path


async def test_what_no_import_names_goes_after_a_day(scope: Scope, path: Path) -> None:
    await uploaded(scope, site(1))
    (waiting,) = path.parent.iterdir()
    forgotten, fresh = (path.with_name(f"{name}.xml") for name in ("forgotten", "fresh"))
    for each in (forgotten, fresh):
        each.write_text("<rss/>")
    for each in (waiting, forgotten):
        grown_old(each)
    assert await blog.sweep_uploads(SYSTEM) == 1
    assert [each.exists() for each in (waiting, forgotten, fresh)] == [True, False, True]


async def test_with_an_organisation_go_the_files_that_were_to_be_imported(scope: Scope, path: Path) -> None:
    await uploaded(scope, site(1))
    (waiting,) = path.parent.iterdir()
    organization = await make_organization()
    owner = await with_sudo(await make_member(organization, Role.OWNER))
    theirs = path.parents[1] / str(organization.id) / "theirs.xml"
    theirs.parent.mkdir()
    theirs.write_text(site(1))
    await blog.start_import(owner, theirs)
    for each in (waiting, theirs):
        grown_old(each)
    assert await blog.sweep_uploads(SYSTEM) == 0
    await accounts.delete_organization(owner, organization.id)
    assert await blog.sweep_uploads(SYSTEM) == 1
    assert (theirs.exists(), waiting.exists()) == (False, True)


async def test_only_the_system_does_it(scope: Scope, path: Path) -> None:
    for who in (scope, Scope.system("a test", scope.org_id)):
        with pytest.raises(Forbidden):
            await blog.sweep_uploads(who)
