"""The network addresses that a URL from a user may lead to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA IPv4 and IPv6 Special-Purpose Address Registries. Python's own is_global is not used: in
# 3.11 it calls 192.0.0.192, 64:ff9b::/96, 2002::/16 and 224.0.0.1 global.
_NON_PUBLIC_V4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private
    "100.64.0.0/10",  # carrier-grade NAT; holds a metadata service (100.100.100.200)
    "127.0.0.0/8",  # loopback
    "168.63.129.16/32",  # a cloud's host agent, in public space
    "169.254.0.0/16",  # link-local; holds most metadata services
    "172.16.0.0/12",  # private
    "192.0.0.0/24",  # protocol assignments; holds a metadata service (192.0.0.192)
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # multicast tunnels
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",  # private
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarks
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved and broadcast
)
# All assigned unicast IPv6. Outside are ::1, v4-mapped and v4-compatible addresses,
# NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), unique local, link-local and multicast addresses.
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_NON_PUBLIC_V6 = (
    "2001::/23",  # protocol assignments, Teredo (2001::/32) and ORCHID among them
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: carries an IPv4 address
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
NON_PUBLIC_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(text) for text in (*_NON_PUBLIC_V4, *_NON_PUBLIC_V6)
)

# Loopback, RFC 1918 and unique local addresses. Link-local and carrier-grade NAT are not among
# them: they hold services and machines of others.
_OWN_NETWORKS = tuple(
    ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1", "fc00::/7")
)


def is_public(address: Address) -> bool:
    """Return whether ``address`` is a public one, not one of a private or local network."""
    if address.version == 6 and address not in _GLOBAL_UNICAST_V6:
        return False
    return not any(address in network for network in NON_PUBLIC_NETWORKS)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One allowed host name or network, at one port or (None) any."""

    target: str | Network
    port: int | None

    def matches(self, host: str, address: Address, port: int) -> bool:
        if self.port is not None and self.port != port:
            return False
        return host == self.target if isinstance(self.target, str) else address in self.target


@dataclass(frozen=True, slots=True)
class AllowList:
    """The private hosts and networks that the operator allows."""

    rules: tuple[_Rule, ...] = ()

    @classmethod
    def parse(cls, entries: tuple[str, ...]) -> AllowList:
        """Parse ``name``, ``name:port``, an address, ``address:port``, ``[v6]:port`` or a CIDR.

        Raises :class:`ValueError` for anything else.
        """
        return cls(tuple(_parse_rule(entry) for entry in entries))

    def permits(self, host: str, address: Address, port: int) -> bool:
        """Return whether a connection to ``address``, which ``host`` resolved to, is allowed."""
        name = normalize_host(host)
        return is_public(address) or any(rule.matches(name, address, port) for rule in self.rules)


def is_own_host(host: str) -> bool:
    """Return whether a host of a URL is ``localhost`` or an address that only an own network has.

    Other names are not: they may lead anywhere.
    """
    if normalize_host(host) == "localhost":
        return True
    try:
        address = parse_address(host)
    except ValueError:
        return False
    return any(address in network for network in _OWN_NETWORKS)


def normalize_host(host: str) -> str:
    """Return a host name in canonical form: lower case, without the root's dot."""
    return host.lower().removesuffix(".")


def _parse_rule(entry: str) -> _Rule:
    network = _parse_network(entry)
    if network is not None:
        return _Rule(network, None)
    host, colon, port = entry.rpartition(":")
    if not colon:
        return _Rule(_parse_host_name(entry, entry), None)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise ValueError(f"{entry!r}: the port must be a number from 1 to 65535")
    bare = host.removeprefix("[").removesuffix("]")
    return _Rule(_parse_network(bare) or _parse_host_name(bare, entry), int(port))


def _parse_network(text: str) -> Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None


def _parse_host_name(text: str, entry: str) -> str:
    name = normalize_host(text)
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(f"{entry!r} is no host name, host:port, address or CIDR network")
    return name


def parse_address(text: str) -> Address:
    """Parse a resolver's address, without its IPv6 zone (``%eth0``)."""
    return ip_address(text.partition("%")[0])
