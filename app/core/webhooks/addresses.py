"""Which addresses belong to the public internet, and to nobody's inside."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

# All of IPv6 that is routed; it leaves out ::127.0.0.1 and ::ffff:127.0.0.1.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")  # IPv4 as a network without IPv4 sees it (RFC 6052)
# What ``is_global`` takes for public and is not: protocol assignments with a cloud's metadata service, 6to4
# relays, and what the machines of another cloud ask for their configuration.
INSIDE = tuple(IPv4Network(each) for each in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can be reached there, and nobody else."""
    if isinstance(address, IPv4Address):
        within = any(address in network for network in INSIDE)
        return address.is_global and not address.is_multicast and not within
    if address in NAT64:
        return is_public(IPv4Address(address.packed[-4:]))
    tunnel = address.sixtofour is not None  # 6to4, which carries an IPv4 address of any kind
    return address in GLOBAL_UNICAST and address.is_global and not tunnel
