"""URLs that we are told to call: read once, so that what is checked is what is called."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Self

from httpx2 import URL, InvalidURL

from app.core.webhooks.addresses import Address

MAX_LENGTH = 2048
DEFAULT_PORTS = {"https": 443, "http": 80}
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?:{LABEL}\.)*{LABEL}")
# What some take for an IPv4 address: octal, hexadecimal or with fewer parts (URL Standard, section 3.5).
NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


class MalformedTarget(ValueError):
    """The URL is not one that can be called; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its normal form, and where it leads."""

    url: str
    scheme: str
    netloc: str
    host: str
    port: int
    path: str

    @property
    def encrypted(self) -> bool:
        """Whether TLS keeps what is sent there, and proves who gets it."""
        return self.scheme == "https"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a URL.

        Raises:
            MalformedTarget: it is not https or http, or its host is not plainly a name or an address.
        """
        try:
            url = URL(text)
        except InvalidURL as error:
            raise MalformedTarget("is not a URL") from error
        if url.scheme not in DEFAULT_PORTS:
            raise MalformedTarget("must begin with https://")
        if url.userinfo or "#" in text or "\\" in text:
            raise MalformedTarget("must have no user, no password, no fragment and no backslash")
        host = url.raw_host.decode("ascii")
        port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
        if not is_host(host) or not 0 < port < 65536 or len(str(url)) > MAX_LENGTH:  # noqa: PLR2004 - 16 bits
            raise MalformedTarget("must have a host that is a name or a plain address, and a possible port")
        return cls(str(url), url.scheme, url.netloc.decode(), host, port, url.raw_path.decode())


def is_host(text: str) -> bool:
    """Whether this is an address as it is usually written, or a name that nobody takes for one."""
    return as_address(text) is not None or (NAME.fullmatch(text) is not None and not NUMBER.fullmatch(text))


def as_address(text: str) -> Address | None:
    """The address that a host is, if it is one."""
    for kind in (IPv4Address, IPv6Address):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
