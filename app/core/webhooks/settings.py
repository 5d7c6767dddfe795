"""Settings of webhooks."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.setting_groups import Group, split_commas

Network = IPv4Network | IPv6Network
# Where no endpoint is, whoever allows it: this machine, and its cloud's metadata.
NEVER = tuple(ip_network(each) for each in ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10"))


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        raise ValueError("a network looks like 10.1.0.0/16 or fd12:3456::/32") from None


def _port(value: str) -> str:
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):  # noqa: PLR2004 - 16 bits
        raise ValueError("a port is a number from 1 to 65535")
    return value


def _nameserver(value: str) -> str:
    try:
        url = urlsplit(f"//{value}")
        ip_address(url.hostname or "")
        possible = url.port != 0
    except ValueError:
        possible = False
    if not possible:
        raise ValueError("a name server has an address, and perhaps a port: 192.0.2.53, 192.0.2.53:5353")
    return value


Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode, BeforeValidator(split_commas)
]
Ports = Annotated[tuple[Annotated[str, AfterValidator(_port)], ...], NoDecode, BeforeValidator(split_commas)]
NameServers = Annotated[
    tuple[Annotated[str, AfterValidator(_nameserver)], ...], NoDecode, BeforeValidator(split_commas)
]


class WebhookSettings(Group):
    """``APP_WEBHOOK_*``: where webhooks may be sent, and how long a receiver may take."""

    allowed_networks: Networks = Field(
        (),
        description="Networks that endpoints may be in besides the public internet, at any port and without "
        "TLS, as in `10.1.0.0/16`; comma-separated.",
    )
    ports: Ports = Field(("443", "8443"), description="Ports that endpoints may have; comma-separated.")
    nameservers: NameServers = Field(
        (),
        description="Name servers for the hosts of endpoints; unset, those of the system; comma-separated.",
    )
    retention_days: int = Field(30, ge=4, le=365, description="Days that the log of deliveries is kept.")
    timeout: float = Field(20, gt=0, le=60, description="Seconds that a receiver may take to answer.")

    @property
    def networks(self) -> tuple[Network, ...]:
        """The allowed networks."""
        return tuple(ip_network(each) for each in self.allowed_networks)

    def insecure(self) -> dict[str, bool]:
        """The service itself and its cloud's metadata must be out of reach."""
        reason = "APP_WEBHOOK_ALLOWED_NETWORKS must not contain loopback or link-local addresses"
        return {reason: any(_overlap(mine, never) for mine in self.networks for never in NEVER)}


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)
