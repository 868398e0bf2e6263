"""Hosts on one machine: network namespaces, each on the networks that it is given.

All networks are bridges in a namespace of their own, so that this machine's own network is left as
it is. A link that is cut loses every packet silently, as a cable that is pulled out.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NEW_NETWORK = 0x40000000
NETWORKS = {"db": 1, "st": 2, "cl": 3}
"""The third number of a network's addresses, which are 10.77.x.y."""


def is_permitted() -> bool:
    """Return whether this machine lets us make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"hn{os.getpid()}try"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
    if made.returncode == 0:
        _ip("link", "add", "name", "br0", "type", "bridge", inside=name)
        _ip("netns", "del", name)
    return made.returncode == 0


@dataclass(frozen=True)
class NetworkHost:
    """A host, its number in every network, and the namespace that it is."""

    name: str
    number: int
    namespace: str

    def address(self, network: str) -> str:
        return f"10.77.{NETWORKS[network]}.{self.number}"

    @property
    def command(self) -> tuple[str, ...]:
        """What runs a command on this host."""
        return ("ip", "netns", "exec", self.namespace)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let this thread, and the sockets, threads and processes that it makes, be on the host."""
        own = Path(f"/proc/self/task/{threading.get_native_id()}/ns/net")
        with own.open("rb") as here, Path(f"/run/netns/{self.namespace}").open("rb") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())


@dataclass
class Network:
    """All hosts; see :func:`network`."""

    prefix: str
    hosts: dict[str, NetworkHost] = field(default_factory=dict)

    @property
    def switch(self) -> str:
        return f"{self.prefix}switch"

    def add(self, name: str, number: int, networks: tuple[str, ...]) -> None:
        """Add a host."""
        host = NetworkHost(name, number, f"{self.prefix}{name}")
        _ip("netns", "add", host.namespace)
        self.hosts[name] = host
        _ip("link", "set", "lo", "up", inside=host.namespace)
        for one in networks:
            port = f"{name}-{one}"
            _ip("link", "add", port, "type", "veth", "peer", "name", one, inside=self.switch)
            _ip("link", "set", one, "netns", host.namespace, inside=self.switch)
            _ip("link", "set", port, "master", one_bridge(one), "up", inside=self.switch)
            _ip("addr", "add", f"{host.address(one)}/24", "dev", one, inside=host.namespace)
            _ip("link", "set", one, "up", inside=host.namespace)

    @contextmanager
    def cut(self, name: str, network: str) -> Iterator[None]:
        """A host's link to a network loses everything while the block runs."""
        port = f"{name}-{network}"
        _ip("link", "set", port, "nomaster", inside=self.switch)
        try:
            yield
        finally:
            _ip("link", "set", port, "master", one_bridge(network), inside=self.switch)


def one_bridge(network: str) -> str:
    """Return the name of a network's bridge."""
    return f"bridge-{network}"


@contextmanager
def network(hosts: Mapping[str, tuple[str, ...]]) -> Iterator[Network]:
    """Make hosts on their networks; remove them at the end."""
    made = Network(f"hn{os.getpid()}")
    _ip("netns", "add", made.switch)
    try:
        for one in NETWORKS:
            _ip("link", "add", one_bridge(one), "type", "bridge", inside=made.switch)
            _ip("link", "set", one_bridge(one), "up", inside=made.switch)
        for number, (name, networks) in enumerate(hosts.items(), start=2):
            made.add(name, number, networks)
        yield made
    finally:
        for host in made.hosts.values():
            _ip("netns", "del", host.namespace)
        _ip("netns", "del", made.switch)


def _ip(*words: str, inside: str = "") -> None:
    where = ["-n", inside] if inside else []
    subprocess.run(["ip", *where, *words], check=True, capture_output=True)


def _enter(handle: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(handle, NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), "setns")
