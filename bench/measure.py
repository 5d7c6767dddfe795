"""One interleaved run: every contender is up, and rounds ask them forth and back: A B C C B A."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench import database, proc
from bench.environments import NotInstalled
from bench.lineup import SERVICE, Contender
from bench.load import press
from bench.samples import Cell, Sample
from bench.servers import Server, running
from bench.verify import WrongAnswer, verify, with_cursors
from bench.workloads import FEW, MANY, WORKLOADS, Account, Request

CELLS = (*(Cell(each.name, FEW) for each in WORKLOADS), Cell("W2", MANY))
BY_NAME = {each.name: each for each in WORKLOADS}
WARM_UP = 1.0  # seconds


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 6
    seconds: float = 2.0
    cells: Sequence[Cell] = CELLS


@dataclass
class Run:
    """What was measured, and why somebody is missing."""

    samples: list[Sample] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


def measure(contenders: Sequence[Contender], plan: Plan) -> Run:
    """Start everybody who can be started, compare their answers, then measure."""
    run = Run()
    with database.seeded() as url, ExitStack() as stack:
        servers = list(_start(contenders, url, stack, run))
        for number in range(plan.rounds + 1):  # the first one warms up
            _prepare(servers, url)
            turn = servers if number % 2 else servers[::-1]
            seconds = plan.seconds if number else WARM_UP
            print(f"round       {number} of {plan.rounds}" if number else "warming up", flush=True)
            found = [
                _sample(server, cell, seconds, asyncio.run(database.backends(url)))
                for cell in plan.cells
                for server in turn
            ]
            run.samples += found if number else []
            asyncio.run(database.forget_new_items(url))
    return run


def _start(contenders: Sequence[Contender], url: str, stack: ExitStack, run: Run) -> Iterator[Server]:
    service: Server | None = None
    for contender in contenders:
        try:
            server = stack.enter_context(running(contender, url))
            asyncio.run(database.forget_new_items(url))  # those of the comparison before
            _prepare([server], url)
            if contender is SERVICE:
                service = server
            elif service:
                verify(server, service)
        except (NotInstalled, WrongAnswer) as error:
            run.missing[contender.name] = str(error)
            print(f"left out    {contender.name}: {error}", flush=True)
        else:
            print(f"answers     {contender.name} at {server.url}", flush=True)
            yield server


def _prepare(servers: list[Server], url: str) -> None:
    """New tokens and cursors: a long run outlives them."""
    accounts = asyncio.run(database.accounts(url))
    for server in servers:
        token = server.contender.token
        own = [Account(token, "")] if token else accounts
        server.accounts = with_cursors(server, own) if not token else own


def _sample(server: Server, cell: Cell, seconds: float, backends: set[int]) -> Sample:
    workload = BY_NAME[cell.workload]
    requests = workload.requests(server.accounts, server.contender.paths)
    return sample(server, cell, requests, seconds, backends)


def sample(
    server: Server, cell: Cell, requests: Sequence[Request], seconds: float, backends: set[int]
) -> Sample:
    """A few seconds of load, and everybody's CPU time during them."""
    pids = server.pids()
    before = _clocks(pids, backends)
    load = press(server.url, requests, cell.connections, seconds)
    spent = [after - start for after, start in zip(_clocks(pids, backends), before, strict=True)]
    machine, cpu, others = spent[0], spent[1], sum(spent[1:]) + load.cpu
    return Sample(
        contender=server.contender.name,
        cell=cell,
        load=load,
        cpu=cpu,
        memory=proc.memory(pids),
        foreign=max(0.0, machine - others) / load.seconds,
    )


def _clocks(pids: set[int], backends: set[int]) -> tuple[float, float, float, float]:
    return proc.machine_seconds(), proc.cpu_seconds(pids), proc.cpu_seconds(backends), time.process_time()
