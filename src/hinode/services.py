"""The composition root of the core: settings in, services out; neither HTTP nor worker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hinode.api.signed_urls import SignedUrls
from hinode.components import (
    open_database,
    open_keys,
    prepare_folder,
    with_published,
)
from hinode.config.settings import Settings
from hinode.core.cluster.keyring import Keyring
from hinode.core.engines.directory import EngineDirectory
from hinode.core.services import CoreServices
from hinode.core.timekeeping.shared_clock import shared_clock
from hinode.core.webhooks.retry_schedule import RetrySchedule
from hinode.core_builder import CoreBuilder
from hinode.db.database import Database
from hinode.engines.registry import EngineRegistry
from hinode.kit.background_refresh import BackgroundRefresh
from hinode.kit.clock import Clock, SystemClock
from hinode.storage.factory import open_store
from hinode.storage.store import ObjectStore
from hinode.workflows.queue_signals import QueueSignals


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one instance; there are no globals, so a process can open several."""

    settings: Settings
    clock: Clock
    db: Database
    store: ObjectStore
    engines: EngineRegistry
    links: SignedUrls
    signals: QueueSignals
    directory: EngineDirectory
    keyring: Keyring
    refresh: BackgroundRefresh
    core: CoreServices

    def close(self) -> None:
        """Close the database."""
        self.refresh.close()
        self.db.dispose()


def open_services(
    settings: Settings,
    *,
    engines: EngineRegistry | None = None,
    engine_names: Collection[str] = (),
    clock: Clock | None = None,
    retry_schedule: RetrySchedule | None = None,
) -> Services:
    """Open the database, migrating it if needed, and the object store; build the services.

    ``engine_names`` are the installed engines to use; empty: all. ``engines``, ``clock`` and
    ``retry_schedule`` replace the defaults, in tests.

    Raises ``OSError``, ``sqlalchemy.exc.SQLAlchemyError`` or
    :class:`hinode.storage.errors.StorageError` when one of them cannot be used.
    """
    prepare_folder(settings)
    db = open_database(settings)
    settings = with_published(settings, db)
    lease_clock = clock or shared_clock(db)
    clock = clock or SystemClock()
    builder = CoreBuilder(
        settings=settings,
        db=db,
        store=open_store(settings.storage_url),
        keyring=open_keys(settings, db, clock),
        clock=clock,
        lease_clock=lease_clock,
        signals=QueueSignals(),
        schedule=retry_schedule or RetrySchedule(),
        given_engines=engines,
        engine_names=engine_names,
    )
    return _started(builder)


def _started(builder: CoreBuilder) -> Services:
    core, db = builder.build(), builder.db
    db.before_commit = core.audit.write_announced
    refresh = BackgroundRefresh((builder.keyring.refresh, builder.directory.refresh))
    refresh.start()
    return Services(
        builder.settings,
        builder.clock,
        db,
        builder.store,
        builder.engines,
        builder.links,
        builder.signals,
        builder.directory,
        builder.keyring,
        refresh,
        core,
    )
