"""Whether memory stays as it is over many requests."""

import asyncio
from dataclasses import dataclass

from bench import database, proc
from bench.fit import slope
from bench.growth import service
from bench.load import press
from bench.workloads import FEW, WORKLOADS

SECONDS = 5.0  # between two looks
SETTLED = 0.3  # of the requests, before pools and caches are full


@dataclass(frozen=True)
class Endurance:
    """Memory after so many requests, in MiB."""

    memory: dict[int, float]

    def per_thousand(self) -> float:
        """What a thousand more requests add, in KiB, once the process has settled."""
        total = max(self.memory)
        settled = {done: held for done, held in self.memory.items() if done >= total * SETTLED}
        return slope(settled) * 1000 * 1024 if len(settled) > 1 else 0.0


def endure(url: str, requests: int) -> Endurance:
    """Reads and writes in turn, until there were so many."""
    print(f"measuring   memory over {requests:,} requests", flush=True)
    done, held = 0, {}
    with service(url) as (server, accounts):
        mixed = [each for workload in WORKLOADS for each in workload.requests(accounts, {})]
        while done < requests:
            done += press(server.url, mixed, FEW, SECONDS).requests
            held[done] = proc.memory(server.pids()).rss
    asyncio.run(database.forget_new_items(url))
    return Endurance(held)
