"""Everything one Hinode is made of, built from its settings; no HTTP and no running worker yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hinode.config import Settings
from hinode.db.database import Database
from hinode.db.schema import upgrade
from hinode.engines.registry import EngineRegistry, installed_engines
from hinode.kit.clock import Clock, SystemClock
from hinode.storage.opening import open_store
from hinode.storage.store import ObjectStore
from hinode.studio.backstage import Backstage
from hinode.studio.catalog.builtin import builtin_models
from hinode.studio.catalog.service import Catalog
from hinode.studio.housekeeping import Housekeeping
from hinode.studio.jobs.service import JobLimits, JobService
from hinode.studio.operator import Operator
from hinode.studio.studio import Studio
from hinode.workflows.dispatcher import DbosDispatcher

DEFAULT_MODEL = "sora-2"


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one Hinode; two of them can live in one process."""

    settings: Settings
    clock: Clock
    db: Database
    store: ObjectStore
    engines: EngineRegistry
    studio: Studio
    backstage: Backstage
    housekeeping: Housekeeping
    operator: Operator

    def close(self) -> None:
        """Let go of the database."""
        self.db.dispose()


def open_services(
    settings: Settings, *, engines: EngineRegistry | None = None, clock: Clock | None = None
) -> Services:
    """Open the database (creating or migrating it) and the object store of these settings.

    Raises ``OSError``, ``sqlalchemy.exc.SQLAlchemyError`` or
    :class:`hinode.storage.errors.StorageError` when one of them cannot be used.
    """
    clock = clock or SystemClock()
    prepare_folder(settings)
    db = open_database(settings)
    store = open_store(settings.storage_url)
    jobs = JobService(DbosDispatcher(db), clock, _limits(settings))
    catalog = Catalog(builtin_models(settings.engine), DEFAULT_MODEL)
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        store=store,
        engines=engines or installed_engines(),
        studio=Studio(db, store, catalog, jobs, clock),
        backstage=Backstage(db, store, jobs, clock),
        housekeeping=Housekeeping(db, store, jobs, clock),
        operator=Operator(db, clock),
    )


def open_database(settings: Settings) -> Database:
    """Open the database and bring it to this version's schema."""
    db = Database(settings.database_url)
    upgrade(db)
    return db


def prepare_folder(settings: Settings) -> None:
    """Make the data folder, for its owner only."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)


def _limits(settings: Settings) -> JobLimits:
    retention = settings.retention_hours
    return JobLimits(
        queue=timedelta(hours=settings.queue_hours),
        run=timedelta(seconds=settings.run_seconds),
        retention=timedelta(hours=retention) if retention else None,
    )
