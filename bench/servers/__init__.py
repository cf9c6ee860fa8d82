"""Servers that a family measures against, each run as `python -m bench.servers.<name> PORT` on a core of its own."""
