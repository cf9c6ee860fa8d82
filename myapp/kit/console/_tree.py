"""What runs in a process, as its supervisors know it."""

from __future__ import annotations

from collections.abc import Iterator

from myapp.kit.clock import now
from myapp.kit.supervisor import Node, root


def tree() -> str:
    """Every child: its state and for how long, how often it was started again, and what it last crashed of."""
    return "\n".join(line for node in root().tree() for line in _lines(node, 0))


def _lines(node: Node, depth: int) -> Iterator[str]:
    age = (now() - node.since).total_seconds()
    again = f", started again {node.restarts} times" if node.restarts else ""
    crash = f", last of: {node.last_error}" if node.last_error else ""
    kind = f" ({node.strategy})" if node.strategy else ""
    yield f"{'  ' * depth}{node.id}{kind}: {node.state} for {age:,.0f} s{again}{crash}"
    for name, detail in node.details.items():
        yield f"{'  ' * depth}    {name}: {detail}"
    for child in node.children:
        yield from _lines(child, depth + 1)
