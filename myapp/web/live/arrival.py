"""Whether what a state holds belongs to the address the reader is at.

A state keeps its vars from page to page, and the browser shows the next page before the server has answered. Without
this check one post would flash up under the address of the next.

    rx.cond(arrived(PostState.path), _post(), skeleton_lines())      # `path` is set by on_load: `path_of(self)`
"""

from __future__ import annotations

import reflex as rx
from reflex.vars import VarData


def arrived(path: str | rx.Var[str]) -> rx.Var[bool]:
    """True once the state was loaded for the address at hand; a change of the query alone does not matter."""
    here = VarData(imports={"react-router": "useLocation"}, hooks={"const arrival = useLocation()": None})
    return rx.Var.create(path) == rx.Var("arrival.pathname", _var_type=str, _var_data=here).guess_type()
