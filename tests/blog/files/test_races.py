"""Files that are sent at the same moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from myapp import blog
from myapp.blog import FileCard
from tests.blog.files.conftest import lying, names_of, send
from tests.factories.accounts import make_member, make_organization


async def test_who_sends_many_at_once_keeps_no_more_than_who_sends_one_after_the_other(
    real_db: str, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("myapp.blog.files.uploading.MAX_UNCLAIMED", 2)
    ada = await make_member(await make_organization())
    came = await asyncio.gather(*(send(ada) for _ in range(6)), return_exceptions=True)
    kept = [each for each in came if isinstance(each, FileCard)]
    assert len(kept) == 2
    assert {type(each) for each in came} == {FileCard, blog.TooManyFiles}
    assert lying(files) == names_of(*kept)
