"""A database keeps what it has committed: SQLite forces each commit to the disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FULL = 2
SCRIPT = """
import sys
from pathlib import Path
from hinode.components import open_database, prepare_folder
from hinode.config.settings import load_settings

settings = load_settings(data=Path(sys.argv[1]))
prepare_folder(settings)
db = open_database(settings)
with db.read() as conn:
    for pragma in ("synchronous", "journal_mode"):
        print(conn.exec_driver_sql(f"PRAGMA {pragma}").scalar())
with db.write() as conn:
    print(conn.exec_driver_sql("PRAGMA synchronous").scalar())
"""


def test_a_sqlite_database_is_durable(tmp_path: Path) -> None:
    # In a process of its own: the tests' own databases are not forced to the disk.
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "data")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [str(FULL), "wal", str(FULL)]
