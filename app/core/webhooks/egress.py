"""Requests to hosts that users name, with no way inside: the address that was checked is connected to."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NoResolverConfiguration
from httpcore2 import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ConnectError

from app.core.webhooks.addresses import Address, is_public
from app.core.webhooks.settings import WebhookSettings
from app.core.webhooks.targets import Target, as_address

LOOPBACK = ("127.0.0.1", "::1")
INNER_NAMES = (".local", ".internal", ".localdomain", ".lan", ".home.arpa")  # RFC 6762, RFC 8375, and custom
MAX_ADDRESSES = 3  # that are tried
LOOKUP_SECONDS = 4
GLANCE_SECONDS = 1  # the caller waits, and holds a connection to the database
GLANCES = 4
logger = logging.getLogger("app.egress")


class TargetNotAllowed(ConnectError):
    """The host is, or resolves to, somewhere inside, or the port or scheme may not be used."""


class HostUnknown(ConnectError):
    """The host does not resolve, or not in time."""


class Guard:
    """Decides where requests may go: with TLS to the public internet, or into networks that are allowed."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._networks = settings.networks
        self._ports = {int(port) for port in settings.ports}
        self._resolver = create_resolver(settings.nameservers)
        self._glances = asyncio.Semaphore(GLANCES)

    async def glance(self, target: Target) -> None:
        """Refuse what cannot be allowed later either; a name that nobody knows yet may be known then.

        Raises:
            TargetNotAllowed: it may not be called.
        """
        if not await self._is_known(target):
            inner = "." not in target.host or target.host.endswith(INNER_NAMES)
            if inner or not target.encrypted or target.port not in self._ports:
                raise TargetNotAllowed("not in a network that is allowed")

    async def admit(
        self, host: str, port: int, *, encrypted: bool, seconds: float = LOOKUP_SECONDS
    ) -> Sequence[Address]:
        """The addresses of a host, each of them checked: one that is not allowed spoils all.

        Raises:
            HostUnknown: there are none.
            TargetNotAllowed: one may not be connected to.
        """
        addresses = [each for text in await self._look_up(host, seconds) if (each := as_address(text))]
        for address in addresses:
            inside = any(address in network for network in self._networks)
            if not inside and not (encrypted and port in self._ports and is_public(address)):
                raise TargetNotAllowed("not a public address, or not with this port or scheme")
        return addresses

    async def _is_known(self, target: Target) -> bool:
        if self._glances.locked() and as_address(target.host) is None:
            return False
        try:
            async with self._glances:
                await self.admit(target.host, target.port, encrypted=target.encrypted, seconds=GLANCE_SECONDS)
        except HostUnknown:
            return False
        return True

    async def _look_up(self, host: str, seconds: float) -> Sequence[str]:
        if as_address(host):
            return [host]
        if host == "localhost" or host.endswith(".localhost"):  # never asked about (RFC 6761, section 6.3)
            return LOOPBACK
        try:
            answers = await self._resolver.resolve_name(host, lifetime=seconds)
        except (DNSException, OSError) as error:
            raise HostUnknown(type(error).__name__) from error
        return sorted(answers.addresses(), key=lambda text: ":" in text)  # IPv4 first: it has a route


class GuardedBackend(AsyncNetworkBackend):
    """Opens the connections of a pool, to nothing but addresses that were just checked."""

    def __init__(self, guard: Guard, *, encrypted: bool) -> None:
        self._guard = guard
        self._encrypted = encrypted
        self._network = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is the base class's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first address that answers; what follows, TLS and ``Host``, has the name."""
        failure = ConnectError("no address")
        for address in (await self._guard.admit(host, port, encrypted=self._encrypted))[:MAX_ADDRESSES]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except ConnectError as error:
                failure = error
        raise failure


def create_resolver(nameservers: Sequence[str]) -> Resolver:
    """A resolver that asks these servers, or the system's; it reads no hosts file and adds no domain."""
    try:
        resolver = Resolver(configure=not nameservers)
    except NoResolverConfiguration:
        logger.warning("the system names no name server: webhooks reach addresses only")
        return Resolver(configure=False)
    for each in nameservers:
        url = urlsplit(f"//{each}")
        resolver.nameserver_ports[url.hostname or ""] = url.port or 53
    if nameservers:
        resolver.nameservers = list(resolver.nameserver_ports)
    return resolver
