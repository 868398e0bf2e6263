"""What `hinode doctor` says of proxies."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hinode import load_settings
from hinode.cli.check_result import CheckStatus
from hinode.cli.proxy_check import check_proxies

ENGINE = {"kind": "openai", "url": "http://gpu", "origin": "trained"}


@pytest.fixture
def listening() -> Iterator[int]:
    """The port of something that accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_the_proxies_of_the_settings_are_named_without_credentials(
    tmp_path: Path, listening: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://other:3128")
    settings = load_settings(
        data=tmp_path,
        proxy=f"http://me:hush@127.0.0.1:{listening}",
        engines={"gpu": {**ENGINE, "proxy": f"socks5://me:hush@127.0.0.1:{listening}"}},
    )

    found = check_proxies(settings)

    assert found.status is CheckStatus.OK
    assert found.detail == (
        f"URLs from clients and callbacks by http://127.0.0.1:{listening}, "
        f"engine gpu by socks5://127.0.0.1:{listening}"
    )


def test_a_proxy_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    found = check_proxies(load_settings(data=tmp_path, proxy="http://me:hush@127.0.0.1:1"))

    assert (found.status, found.remedy != "") == (CheckStatus.ERROR, True)
    assert found.detail == (
        "cannot be reached: URLs from clients and callbacks by http://127.0.0.1:1"
    )


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"])
def test_a_proxy_of_the_environment_is_told_to_have_no_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://me:hush@other:3128")

    found = check_proxies(load_settings(data=tmp_path))

    assert found.status is CheckStatus.WARNING
    assert f"{name.upper()} of the environment has no effect" in found.detail
    assert "hush" not in found.detail + found.remedy


def test_without_any_proxy_all_is_well(tmp_path: Path) -> None:
    found = check_proxies(load_settings(data=tmp_path))

    assert (found.status, found.detail) == (CheckStatus.OK, "none")
