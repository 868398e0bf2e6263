"""The composition root of the core: settings in, services out; neither HTTP nor worker."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from hinode.api.signed_urls import SignedUrls, no_presigning
from hinode.api.tasks.callbacks import CallbackBody
from hinode.components import (
    build_catalog,
    declared_capabilities,
    engines_with_accounts,
    open_auth_service,
    open_database,
    open_keys,
    open_moderation,
    open_rate_limiter,
    prepare_folder,
    sign_on_rules,
    with_published,
)
from hinode.config.settings import Settings
from hinode.core.accounts.types import Plan
from hinode.core.assets import repository as assets
from hinode.core.assets.orphans import OrphanCleanup, StoredKeys
from hinode.core.audit.service import AuditLog
from hinode.core.auth.auth_service import AuthService
from hinode.core.auth.key_admin import KeyAdmin
from hinode.core.auth.login_links import LoginLinkService
from hinode.core.auth.own_access import OwnAccess
from hinode.core.auth.single_sign_on import SingleSignOn
from hinode.core.batches.service import BatchService
from hinode.core.characters.cameo_lifecycle import CameoLifecycle
from hinode.core.characters.cleanup import CharacterCleanup
from hinode.core.characters.cleanup import known_keys as known_character_keys
from hinode.core.characters.images import CharacterImageStore
from hinode.core.characters.lookup import VideoCharacters
from hinode.core.characters.processing import CharacterProcessor
from hinode.core.characters.service import CharacterService
from hinode.core.characters.user_search import UserSearch
from hinode.core.cluster.key_cleanup import KeyCleanup
from hinode.core.cluster.keyring import ClusterKeySource, Keyring
from hinode.core.cluster.types import KeyPurpose
from hinode.core.drafts.queries import DraftService
from hinode.core.engines.admin import EngineAdmin
from hinode.core.engines.directory import EngineDirectory
from hinode.core.engines.presence import EnginePresence
from hinode.core.files import repository as files
from hinode.core.files.service import FileService
from hinode.core.files.storage_quota import StorageQuota
from hinode.core.jobs import tables as jobs_tables
from hinode.core.jobs.account_admin import AccountAdmin
from hinode.core.jobs.account_service import AccountService
from hinode.core.jobs.accounting import unfinished_by_engine
from hinode.core.jobs.activity import AccountActivity
from hinode.core.jobs.archive import JobArchive
from hinode.core.jobs.cleanup import JobCleanup
from hinode.core.jobs.estimates import EstimateService
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.expiry import FileExpiry
from hinode.core.jobs.job_admin import JobAdmin
from hinode.core.jobs.library import JobLibrary
from hinode.core.jobs.lifecycle import JobLifecycle, JobLimits
from hinode.core.jobs.overview import AccountOverview
from hinode.core.jobs.own_account import OwnAccountService
from hinode.core.jobs.place_activity import PlaceObserver
from hinode.core.jobs.place_sums import PlaceSums
from hinode.core.jobs.router import EngineRouter
from hinode.core.jobs.service import JobService
from hinode.core.jobs.usage_report import UsageReports
from hinode.core.posts.lifecycle import PostService
from hinode.core.services import CoreServices
from hinode.core.timekeeping.service import ClockService
from hinode.core.timekeeping.shared_clock import shared_clock
from hinode.core.upstreams import tables as upstreams_tables
from hinode.core.upstreams.service import UpstreamService
from hinode.core.webhooks import tables as webhooks
from hinode.core.webhooks.callback_headers import CallbackHeaders
from hinode.core.webhooks.callback_listener import CallbackListener
from hinode.core.webhooks.callback_secrets import CallbackSecrets
from hinode.core.webhooks.delivery import DeliveryLifecycle
from hinode.core.webhooks.endpoint_lifecycle import EndpointLifecycle
from hinode.core.webhooks.retry_schedule import RetrySchedule
from hinode.db.database import Database
from hinode.engines.kinds import KindSettings
from hinode.engines.registry import EngineRegistry, installed_engines
from hinode.kit.addresses import AllowList
from hinode.kit.background_refresh import BackgroundRefresh
from hinode.kit.clock import Clock, SystemClock
from hinode.kit.secret_box import SecretBox
from hinode.kit.url_signing import UrlSigner
from hinode.storage.factory import open_store
from hinode.storage.store import ObjectStore
from hinode.workflows.dispatcher import (
    DbosBatchQueue,
    DbosCameoQueue,
    DbosDeliveryQueue,
    DbosDispatcher,
)
from hinode.workflows.queue_signals import QueueSignals

STORED_KEYS = (
    StoredKeys(("outputs", "uploads"), assets.known_keys),
    StoredKeys(("files",), files.known_keys),
    StoredKeys(("characters", "cameos"), known_character_keys),
)


ENCRYPTED_COLUMNS = (
    *jobs_tables.ENCRYPTED_COLUMNS,
    *webhooks.ENCRYPTED_COLUMNS,
    *upstreams_tables.ENCRYPTED_COLUMNS,
)


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
    store = open_store(settings.storage_url)
    keyring = open_keys(settings, db, clock)
    secret_box = SecretBox(ClusterKeySource(keyring, KeyPurpose.ENCRYPTION))
    schedule = retry_schedule or RetrySchedule()
    signals = QueueSignals()
    secrets, headers = CallbackSecrets(secret_box, clock), CallbackHeaders(secret_box, clock)
    deliveries = DeliveryLifecycle(
        db, DbosDeliveryQueue(db, signals), secret_box, secrets, headers, clock, schedule
    )
    links = SignedUrls(
        UrlSigner(ClusterKeySource(keyring, KeyPurpose.LINKS)),
        settings.public_url,
        clock,
        store.presigned_url if settings.presigned_urls else no_presigning,
    )
    allow = AllowList.parse(settings.allow_hosts)
    callbacks = CallbackListener(
        db, secrets, headers, deliveries, allow, CallbackBody(links).render
    )
    presence = EnginePresence(timedelta(minutes=settings.engine_absence_minutes))
    quota = StorageQuota(int(settings.account_storage_mb * 1_000_000))
    lifecycle = JobLifecycle(
        DbosDispatcher(db, signals),
        clock,
        _limits(settings),
        (deliveries, callbacks),
        presence,
        quota,
    )
    limiter = open_rate_limiter(settings, clock)
    sessions = open_auth_service(settings, db, clock, limiter, keyring)
    upstreams = UpstreamService(db, secret_box, lease_clock, engines_with_accounts(settings))
    engines = engines or installed_engines(settings.engine_tables, upstreams.pool)
    if engine_names:
        engines = engines.only(engine_names)
    catalog = build_catalog(settings)
    directory = EngineDirectory(db, partial(declared_capabilities, engines.all(), catalog))
    directory.refresh()
    characters = VideoCharacters()
    jobs = JobService(
        db,
        store,
        catalog,
        lifecycle,
        characters,
        clock,
        directory,
        open_moderation(settings),
        frozenset(plan for plan in Plan if settings.plans.of(plan).watermark),
    )
    images = CharacterImageStore(store)
    expiry = FileExpiry(db, store, clock, timedelta(hours=settings.removal_grace_hours))
    archive = JobArchive(db, store, clock, timedelta(days=settings.job_retention_days) or None)
    audit = AuditLog(db, clock)
    core = CoreServices(
        jobs=jobs,
        estimates=EstimateService(jobs),
        execution=JobExecution(db, store, lifecycle, characters, clock),
        router=EngineRouter(
            db, lifecycle, jobs.catalog, clock, lease_clock, settings.max_submit_attempts
        ),
        job_cleanup=JobCleanup(db, lifecycle, expiry, archive, clock),
        orphan_cleanup=OrphanCleanup(db, store, clock, STORED_KEYS),
        overview=AccountOverview(db, clock),
        own_account=OwnAccountService(jobs),
        library=JobLibrary(jobs),
        activity=AccountActivity(jobs),
        place=PlaceObserver(jobs),
        place_sums=PlaceSums(db, clock),
        engines=EngineAdmin(db, jobs.catalog, lease_clock, unfinished_by_engine, presence),
        upstreams=upstreams,
        files=FileService(db, store, clock, quota),
        batches=BatchService(
            db,
            store,
            lifecycle,
            DbosBatchQueue(db, signals),
            deliveries,
            clock,
            settings.batch_max_lines,
            settings.account_max_unfinished,
        ),
        characters=CharacterService(db, store, images, clock, settings.character_consent),
        cameos=CameoLifecycle(
            db,
            store,
            jobs,
            images,
            DbosCameoQueue(db, signals),
            clock,
            settings.character_consent,
        ),
        character_processor=CharacterProcessor(db, store),
        character_cleanup=CharacterCleanup(db, store, clock),
        user_search=UserSearch(db),
        drafts=DraftService(db, clock),
        posts=PostService(db, clock),
        webhooks=EndpointLifecycle(db, secret_box, clock, allow),
        callbacks=callbacks,
        deliveries=deliveries,
        accounts=AccountAdmin(db, clock, sessions.rules.plans),
        job_admin=JobAdmin(jobs),
        keys=KeyAdmin(db, clock),
        audit=audit,
        reports=UsageReports(db),
        auth=AuthService(db, clock, limiter, sessions),
        sessions=sessions,
        login_links=LoginLinkService(sessions),
        single_sign_on=SingleSignOn(sessions, sign_on_rules(settings)),
        own_access=OwnAccess(sessions),
        profiles=AccountService(jobs, sessions),
        clocks=ClockService(db, clock),
        key_cleanup=KeyCleanup(keyring, secret_box, ENCRYPTED_COLUMNS),
    )
    db.before_commit = audit.write_announced
    refresh = BackgroundRefresh((keyring.refresh, directory.refresh))
    refresh.start()
    return Services(
        settings, clock, db, store, engines, links, signals, directory, keyring, refresh, core
    )


def _limits(settings: Settings) -> JobLimits:
    retention = settings.retention_hours
    return JobLimits(
        queue_timeout=timedelta(hours=settings.queue_timeout_hours),
        run_timeout=timedelta(seconds=settings.run_timeout_seconds),
        retention=timedelta(hours=retention) if retention else None,
        max_unfinished=settings.account_max_unfinished,
        max_queued=settings.queue_limit,
        run_timeouts={
            name: timedelta(seconds=table.run_timeout)
            for name, table in settings.engines.items()
            if isinstance(table, KindSettings) and table.run_timeout is not None
        },
    )
