"""The square that the browser shows is the one that the server cuts out."""

from __future__ import annotations

import json
import subprocess

from hypothesis import given
from hypothesis import strategies as st

from myapp import toolchain
from myapp.config import ROOT
from myapp.kit.images import Crop

SCRIPT = ROOT / "myapp" / "web" / "accounts" / "avatar" / "square.js"


def test_the_server_cuts_out_what_the_browser_shows():
    """To half a pixel, which is where each of them rounds."""
    cases = [
        {"width": width, "height": height, "left": left, "top": top, "side": side}
        for width, height in ((400, 200), (333, 1000), (50, 50))
        for left, top, side in ((0, 0, 1), (0.5, 0.25, 0.5), (9, 9, 0.3), (0.123, 0.456, 0.789))
    ]
    shown_of = f"JSON.stringify({json.dumps(cases)}.map((each) => within(each, each)))"
    asked = f"import {{ within }} from {json.dumps(SCRIPT.as_uri())}; process.stdout.write({shown_of});"
    node = toolchain.programs_folder() / "node"
    answer = subprocess.run([node, "--input-type=module", "-e", asked], capture_output=True, text=True, check=True)
    for case, shown in zip(cases, json.loads(answer.stdout), strict=True):
        unit = min(case["width"], case["height"])
        left, top, right, bottom = Crop(**shown).within(int(case["width"]), int(case["height"]))
        expected = (shown["left"] * unit, shown["top"] * unit, shown["side"] * unit)
        assert all(abs(a - b) <= 0.5 for a, b in zip((left, top, right - left), expected, strict=True))
        assert right - left == bottom - top


@given(
    st.integers(1, 5000),
    st.integers(1, 5000),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_whatever_is_asked_for_is_a_square_within_the_picture(
    width: int, height: int, left: float, top: float, side: float
):
    x, y, right, bottom = Crop(left, top, side).within(width, height)
    assert 0 <= x < right <= width
    assert 0 <= y < bottom <= height
    assert right - x == bottom - y
