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
from bench.samples import SOUND, Cell, Sample
from bench.servers import Server, running
from bench.verify import WrongAnswer, verify, with_cursors
from bench.workloads import FEW, MANY, WORKLOADS, Account, Request

ONE, CROWDED, HALF = Cell("W2", FEW), Cell("W2", MANY), Cell("W2", FEW, paced=True)
CELLS = (*(Cell(each.name, FEW) for each in WORKLOADS), CROWDED, HALF)
BY_NAME = {each.name: each for each in WORKLOADS}
WARM_UP = 1.0  # seconds
LONGEST = 10.0  # of one sample
PATIENCE, PAUSE = 30.0, 0.1
IDLE = 0.05  # of a core


@dataclass(frozen=True)
class Pace:
    """How long, and how many requests a second; 0 is as many as it takes."""

    seconds: float
    rate: float = 0.0


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int = 6
    seconds: float = 2.0
    cells: Sequence[Cell] = CELLS


@dataclass
class Run:
    """What was measured so far, and why somebody is missing."""

    url: str  # of the database
    plan: Plan
    samples: list[Sample] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    rates: dict[tuple[str, Cell], float] = field(default_factory=dict)

    def measure(self, contenders: Sequence[Contender]) -> None:
        """Start everybody who can be started, compare their answers, then measure."""
        with ExitStack() as stack:
            servers = list(self._start(contenders, stack))
            print("warming up", flush=True)
            self._round(servers, WARM_UP)
            for number in range(self.plan.rounds):
                print(f"round       {number + 1} of {self.plan.rounds}", flush=True)
                self.samples += self._round(servers[::-1] if number % 2 else servers, self.plan.seconds)

    def _start(self, contenders: Sequence[Contender], stack: ExitStack) -> Iterator[Server]:
        service: Server | None = None
        for contender in contenders:
            try:
                server = stack.enter_context(running(contender, self.url))
                self._prepare([server])
                if contender is SERVICE:
                    service = server
                elif service:
                    verify(server, service)
            except (NotInstalled, WrongAnswer) as error:
                self.missing[contender.name] = str(error)
                print(f"left out    {contender.name}: {error}", flush=True)
            else:
                print(f"answers     {contender.name} at {server.url}", flush=True)
                yield server

    def _round(self, servers: Sequence[Server], seconds: float) -> list[Sample]:
        self._prepare(servers)
        found = []
        for cell in self.plan.cells:
            for server in servers:
                found.append(one := self._sample(server, cell, seconds))
                self.rates[server.contender.name, cell] = one.load.requests / one.load.seconds
        return found

    def _prepare(self, servers: Sequence[Server]) -> None:
        """The table as it was, and new tokens and cursors, as a long run outlives them."""
        asyncio.run(database.forget_new_items(self.url))
        accounts = asyncio.run(database.accounts(self.url))
        pages = "W3" in {cell.workload for cell in self.plan.cells}
        for server in servers:
            if tokens := server.contender.tokens:
                server.accounts = [Account(token, "") for token in tokens]
            else:
                need = len(accounts) if pages else 1  # the comparison asks for a page in any case
                server.accounts = with_cursors(server, accounts[:need]) + accounts[need:]

    def _sample(self, server: Server, cell: Cell, seconds: float) -> Sample:
        requests = BY_NAME[cell.workload].requests(server.accounts, server.contender.paths)
        if rate := self.rates.get((server.contender.name, cell)):
            seconds = min(max(seconds, SOUND * cell.connections / rate), LONGEST)
        own = not server.contender.url
        backends = asyncio.run(database.backends(self.url)) if own else proc.named("postgres")
        rate = self.rates.get((server.contender.name, ONE), 0) / 2 if cell.paced else 0
        return sample(server, cell, requests, Pace(seconds, rate), backends)


def sample(server: Server, cell: Cell, requests: Sequence[Request], pace: Pace, backends: set[int]) -> Sample:
    """A few seconds of load, and everybody's CPU time during them."""
    pids = server.pids()
    settle(pids)
    before = _clocks(pids, backends)
    load = press(server.url, requests, cell.connections, pace.seconds, pace.rate)
    spent = [after - start for after, start in zip(_clocks(pids, backends), before, strict=True)]
    machine, cpu, others = spent[0], spent[1], sum(spent[1:]) + load.cpu
    return Sample(
        contender=server.contender.name,
        cell=cell,
        load=load,
        cpu=cpu,
        database=spent[2],
        memory=proc.memory(pids),
        foreign=max(0.0, machine - others) / load.seconds,
    )


def settle(pids: set[int]) -> None:
    """Wait until the contender has done what the sample before has left it."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        before = proc.cpu_seconds(pids)
        time.sleep(PAUSE)
        if proc.cpu_seconds(pids) - before < IDLE * PAUSE:
            return


def _clocks(pids: set[int], backends: set[int]) -> tuple[float, float, float, float]:
    return proc.machine_seconds(), proc.cpu_seconds(pids), proc.cpu_seconds(backends), time.process_time()
