"""Which addresses count as public, and what an allow-list lets through."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

import pytest

from hinode.kit.addresses import AllowList, is_public, parse_address

NEAR_US = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # v4-compatible
    "::ffff:127.0.0.1",  # v4-mapped
    "::ffff:93.184.216.34",  # mapped, although the inner one is public
    "::ffff:0:127.0.0.1",  # translated
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b:1::7f00:1",  # local NAT64
    "100::1",  # discard
    "2001::1",  # Teredo
    "2001:20::1",  # ORCHIDv2
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4
    "3fff::1",
    "4000::1",  # not given out
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:2800:220:1::1",
    "2a00:1450:4001::1",
]


@pytest.mark.parametrize("text", NEAR_US)
def test_an_address_near_us_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "permitted"),
    [
        ("files.lan", "files.lan", "10.0.0.5", 80, True),
        ("files.lan", "FILES.LAN.", "10.0.0.5", 80, True),
        ("files.lan", "other.lan", "10.0.0.5", 80, False),
        ("files.lan", "evil.files.lan", "10.0.0.5", 80, False),
        ("files.lan:9000", "files.lan", "10.0.0.5", 9000, True),
        ("files.lan:9000", "files.lan", "10.0.0.5", 22, False),
        ("10.0.0.0/24", "any.name", "10.0.0.5", 22, True),
        ("10.0.0.0/24", "any.name", "10.0.1.5", 22, False),
        ("10.0.0.0/24", "any.name", "::ffff:10.0.0.5", 22, False),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 80, True),
        ("127.0.0.1:8000", "localhost", "127.0.0.1", 8000, True),
        ("127.0.0.1:8000", "localhost", "127.0.0.1", 8001, False),
        ("::1", "localhost", "::1", 80, True),
        ("[::1]:8000", "::1", "::1", 8000, True),
        ("[::1]:8000", "::1", "::1", 80, False),
        ("fd00::/8", "any.name", "fd12::1", 80, True),
    ],
)
def test_an_allow_list_entry_opens_what_it_names(
    entry: str, host: str, address: str, port: int, permitted: bool
) -> None:
    assert AllowList.parse((entry,)).permits(host, ip_address(address), port) is permitted


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "host:0",
        "host:70000",
        "host:x",
        "http://host",
        "10.0.0.1/8",
        "a b",
        "*.lan",
        "[::1",
        ":80",
    ],
)
def test_a_wrong_allow_list_entry_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match=r"port|host name"):
        AllowList.parse((entry,))


def test_a_zone_is_taken_off() -> None:
    assert parse_address("fe80::1%eth0") == IPv6Address("fe80::1")
