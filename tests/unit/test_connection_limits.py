"""Connections of one address leave room for those of others."""

from __future__ import annotations

from ipaddress import ip_network

from hinode.api.client_address import covers, read_address
from hinode.api.http1.limits import ConnectionLimits

PROXIES = (ip_network("10.0.0.0/8"),)


def limits() -> ConnectionLimits:
    return ConnectionLimits(4, 2, exempt=lambda host: covers(PROXIES, read_address(host)))


def test_an_address_has_its_own_bound_and_gets_it_back() -> None:
    counted = limits()

    assert [counted.opened("192.0.2.1", now) for now in (1, 2, 3)] == [True, True, False]
    counted.closed("192.0.2.1")
    counted.closed("192.0.2.1")

    assert counted.opened("192.0.2.2", 2)
    assert counted.opened("192.0.2.1", 3)


def test_a_proxy_has_only_the_bound_of_all_also_on_a_socket_of_both_families() -> None:
    for proxy in ("10.1.2.3", "::ffff:10.1.2.3"):
        counted = limits()

        assert [counted.opened(proxy, now) for now in range(1, 6)] == [True] * 4 + [False]
