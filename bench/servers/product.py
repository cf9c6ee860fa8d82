"""The application as it is served, without its pages and with no limit on a tab's events a second."""

from __future__ import annotations

import sys

from bench.servers.bare import serve
from myapp.myapp import app
from myapp.web import door

if __name__ == "__main__":
    door.RATE = door.BURST = float("inf")
    serve(app, int(sys.argv[1]))
