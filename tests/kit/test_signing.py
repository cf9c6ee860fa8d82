"""What was signed is taken back only whole, in time, and for the purpose it was signed for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myapp.kit.signing import SKEW, Signer

SECRET = "a secret that only the server knows"
SIGNER = Signer(SECRET, "invitation", max_age=600)


@given(st.binary(max_size=200))
def test_what_was_signed_comes_back(content: bytes):
    signed = SIGNER.verify(SIGNER.sign(content))
    assert signed is not None
    assert signed.content == content


@given(st.binary(max_size=30), st.data())
def test_one_other_letter_and_it_is_worth_nothing(content: bytes, data: st.DataObject):
    text = SIGNER.sign(content)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(max_codepoint=127).filter(lambda letter: letter != text[at]))
    found = SIGNER.verify(text[:at] + letter + text[at + 1 :])
    # The last letter of Base64 may have bits that mean nothing; what they say is still what was signed.
    assert found is None or found.content == content


@pytest.mark.parametrize(
    "other", [Signer(SECRET, "something else", max_age=600), Signer(SECRET + "x", "invitation", max_age=600)]
)
def test_another_purpose_or_another_secret_does_not_take_it(other: Signer):
    assert other.verify(SIGNER.sign(b"ada")) is None


@pytest.mark.parametrize(
    ("after", "holds"), [(0, True), (599, True), (601, False), (-SKEW + 1, True), (-SKEW - 2, False)]
)
def test_it_holds_until_its_end_and_for_clocks_that_differ_a_little(
    after: int, holds: bool, monkeypatch: pytest.MonkeyPatch
):
    text, moment = SIGNER.sign(b"ada"), int(time.time())
    monkeypatch.setattr(time, "time", lambda: float(moment + after))
    assert (SIGNER.verify(text) is not None) == holds


@given(st.text(max_size=60))
def test_nonsense_is_worth_nothing(text: str):
    assert SIGNER.verify(text) is None
