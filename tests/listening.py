"""Servers of tests come to an end without leaving a connection open."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Let nobody in any more; who has been let in is served, and can be cut.

    To close a server in the turn in which it accepts a connection would leave that open for ever.
    """
    loop = asyncio.get_running_loop()
    for each in server.sockets:
        loop.remove_reader(each.fileno())
    await asyncio.sleep(0)
    server.close()
    await asyncio.sleep(0)
