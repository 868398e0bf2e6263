"""A server's files are its user's alone, and it warns before keys travel unencrypted."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.support.hinode_process import HinodeProcess


def test_other_users_can_read_nothing_of_a_server_in_an_open_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    (data / "hinode.db").touch(0o644)
    server = HinodeProcess(data)
    server.start()
    kept = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in data.iterdir()}
    server.stop()

    assert {"hinode.db", "secret.key", "workers"} <= set(kept)
    assert set(kept.values()) == {0}
    assert "other users could read" in server.log.read_text()


def test_a_server_that_others_can_reach_warns_unless_a_proxy_encrypts(tmp_path: Path) -> None:
    settings = {"HINODE_HOST": "0.0.0.0"}
    bare = HinodeProcess(tmp_path / "bare" / "data", settings)
    behind = HinodeProcess(
        tmp_path / "behind" / "data", {**settings, "HINODE_PUBLIC_URL": "https://films.example"}
    )
    for server in (bare, behind):
        server.data.mkdir(parents=True)
        server.start()
        server.stop()

    assert "HINODE_PUBLIC_URL" in bare.log.read_text()
    assert "unencrypted" not in behind.log.read_text()
