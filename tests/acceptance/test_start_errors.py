"""Trouble at the start of a server: one line with the remedy, and no traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hinode import load_settings, open_services
from tests.support.hinode_process import hinode


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of a server that was started before."""
    folder = tmp_path / "data"
    open_services(load_settings(data=folder)).close()
    return folder


def _spoil(name: str) -> Callable[[Path], None]:
    def spoil(data: Path) -> None:
        (data / name).touch(0o600)
        (data / name).write_text("= spoilt")

    return spoil


def _lost_secret(data: Path) -> None:
    (data / "secret.key").unlink()


def _foreign_secret(data: Path) -> None:
    (data / "secret.key").write_text("f" * 64)


def _newer_schema(data: Path) -> None:
    with closing(sqlite3.connect(data / "hinode.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.execute("UPDATE schema_support SET oldest_served = '9999'")


def _not_a_database(data: Path) -> None:
    for file in data.glob("hinode.db-*"):
        file.unlink()
    (data / "hinode.db").write_bytes(bytes(range(250)) * 40)


def _unanswered_database(data: Path) -> None:
    (data / "hinode.toml").write_text('database = "postgresql://nobody@127.0.0.1:1/none"\n')


def _another_database(data: Path) -> None:
    (data / "hinode.toml").write_text('database = "mysql://nobody@127.0.0.1:1/none"\n')


def _no_folder(data: Path) -> None:
    data.rename(data.with_name("elsewhere"))
    data.write_bytes(b"")


@pytest.mark.parametrize(
    ("trouble", "said", "remedy"),
    [
        (_spoil("secret.key"), "secret.key holds no key", "Restore it from a backup"),
        (_lost_secret, "a secret that this host has not", "HINODE_SECRET"),
        (_foreign_secret, "is not the one of the database", "HINODE_SECRET"),
        (_spoil("hinode.toml"), "hinode.toml is no TOML", "Correct the line"),
        (_newer_schema, "schema 9999", "Upgrade this host"),
        (_not_a_database, "file is not a database", "hinode doctor"),
        (_unanswered_database, "Connection refused", "Check --database"),
        (_another_database, "'mysql' is not supported", "Use sqlite:///… or postgresql://…"),
        (_no_folder, "File exists", "Give --data a folder"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_one_line(
    data: Path, trouble: Callable[[Path], None], said: str, remedy: str
) -> None:
    trouble(data)

    done = hinode("serve", "--port", "0", "--data", str(data))

    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert said in done.stderr
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
