"""The port that a server records for the commands beside it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hinode.cli.server_port import record_port, running_port


def test_the_port_is_told_while_something_listens_there(tmp_path: Path) -> None:
    assert running_port(tmp_path) is None
    with socket.create_server(("127.0.0.1", 0)) as listener:
        record_port(tmp_path, listener)
        assert running_port(tmp_path) == listener.getsockname()[1]
    assert running_port(tmp_path) is None, "the server was killed"
    assert [one.name for one in tmp_path.iterdir()] == ["server.port"]


@pytest.mark.parametrize("text", ["", "x", "-1", "70000", "9" * 30, "ü"])
def test_a_record_that_is_none_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.port").write_text(text, encoding="utf-8")
    assert running_port(tmp_path) is None
