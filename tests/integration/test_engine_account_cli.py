"""`hinode engine account` as operators use it, before a server of the dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hinode_process import hinode
from tests.support.upstreams.sora import SoraServer, sora_server


@pytest.fixture
def there(tmp_path: Path) -> Iterator[SoraServer]:
    server = SoraServer()
    server.add("ann", plan="pro")
    with sora_server(server) as wire:
        (tmp_path / "hinode.toml").write_text(
            f'[engines.far]\nkind = "sora"\norigin = "trained"\nurl = "{wire.url}/backend"\n'
            f'token_url = "{wire.url}/oauth/token"\n'
        )
        yield server


def account(data: Path, *words: str, stdin: str = "") -> tuple[str, str]:
    done = hinode("engine", "account", *words, "--data", str(data), stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def test_an_account_is_added_tested_listed_and_removed(there: SoraServer, tmp_path: Path) -> None:
    words = ("add", "far", "--access-token-stdin", "--label", "ann", "--videos", "2")
    made, said = account(tmp_path, *words, stdin="at-ann-0\n")
    assert "ann works: plan pro, 100 videos left." in said
    there.people["ann"].videos_left = 7
    assert "7 videos left" in account(tmp_path, "test", made)[1]
    rows = [line.split("\t") for line in account(tmp_path, "list", "far")[0].splitlines()]
    assert rows[1][:6] == [made, "far", "ann", "ready", "pro", "7"]
    assert "now disabled" in account(tmp_path, "disable", made)[1]
    assert "now ready" in account(tmp_path, "enable", made)[1]
    there.people["ann"].access = "revoked"
    failed = hinode("engine", "account", "test", made, "--data", str(tmp_path))
    assert failed.returncode == 1
    assert "no token to refresh it with" in failed.stderr
    assert account(tmp_path, "list")[0].splitlines()[1].split("\t")[3] == "quarantined"
    account(tmp_path, "remove", made)
    assert len(account(tmp_path, "list")[0].splitlines()) == 1


def test_accounts_move_to_another_hinode(there: SoraServer, tmp_path: Path) -> None:
    export = [
        {
            "email": "ann@example.com",
            "access_token": "stale",
            "refresh_token": "rt-ann-0",
            "remark": "from elsewhere",
            "proxy_url": "http://not.used",
            "is_active": True,
            "image_enabled": False,
            "video_concurrency": 4,
        }
    ]
    file = tmp_path / "export.json"
    file.write_text(json.dumps(export))
    _, said = account(tmp_path, "import", "far", str(file), "--mode", "rt")
    assert "from elsewhere works: plan pro" in said
    assert "Imported 1 account(s)" in said
    account(tmp_path, "import", "far", str(file))  # again, offline: the same account

    refused = hinode("engine", "account", "export", "far", "--data", str(tmp_path))
    assert refused.returncode != 0
    found = json.loads(account(tmp_path, "export", "far", "--with-tokens")[0])
    assert [one["refresh_token"] for one in found] == ["rt-ann-0"]
    assert (found[0]["video_concurrency"], found[0]["image_enabled"]) == (4, False)
    assert found[0]["remark"] == "from elsewhere"
