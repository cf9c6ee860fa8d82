"""Another process of the product's channels, for whoever a client says it is: prints `ready` once it is served.

A line `ORGANIZATION PERSON TITLE` publishes a post.
"""

from __future__ import annotations

import asyncio
import socket as sockets
import sys
from uuid import UUID

import uvicorn

from myapp.kit import presence, pubsub, repo, schema
from myapp.kit.scope import Role, Scope
from tests.factories.blog import make_post
from tests.web.channels.rooms import endpoint_of_the_product


async def main(port: str, url: str, *redis_url: str) -> None:
    schema.load_models()
    repo.use(repo.make_sessions(repo.make_engine(url)))
    endpoint = endpoint_of_the_product()
    config = uvicorn.Config(endpoint, lifespan="off", ws="websockets-sansio", log_level="error", access_log=False)
    server = uvicorn.Server(config)
    with sockets.socket() as listener:
        listener.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", int(port)))
        async with pubsub.connected(url, *redis_url), presence.running(), endpoint.running():
            serving = asyncio.create_task(server.serve([listener]))
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0)
            print("ready", flush=True)  # noqa: T201 - the test reads it
            await write()
            serving.cancel()


async def write() -> None:
    """Until nobody is there any more to say what."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode():
        organization, person, title = line.strip().split(" ", 2)
        await make_post(Scope(UUID(person), UUID(organization), Role.MEMBER), title=title)
