"""A PostgreSQL of our own for development and tests: programs from a wheel, data in a folder, nothing to install.

    url = ensure(Path(".data"), database="myapp")      # starts the server or joins it; 0.1 s when the data is there
    ...
    release(Path(".data"))                             # or just end: when its last user has gone, the server stops

What always holds: whoever is killed, with whatever signal, the next `ensure` gives a working server and no committed
row is lost; two folders never touch each other; nothing outside the folder is changed, except as root.

Every user holds the file `users` locked, shared. A keeper process is the server's parent, holds `keeper` locked and
stops the server when nobody holds `users` any more. The kernel takes a dead process's locks away, so nothing needs a
heartbeat, a number in a file, or a clean-up.

As root: PostgreSQL refuses to run as root, so it runs as `postgres` or `nobody`. Where that account may not go (a
private home), the server's folder is in `/var/lib/myapp-postgres`, and `.data/postgres` is a link to it.
"""

from __future__ import annotations

from myapp.kit.embedded_postgres._install import EmbeddedPostgresError, programs
from myapp.kit.embedded_postgres._server import ensure, release

__all__ = ["EmbeddedPostgresError", "ensure", "programs", "release"]
