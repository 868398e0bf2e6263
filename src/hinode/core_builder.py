"""Build the services of the core from the parts of one instance, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

from hinode.api.signed_urls import SignedUrls, no_presigning
from hinode.api.tasks.callbacks import CallbackBody
from hinode.components import (
    build_catalog,
    declared_capabilities,
    engines_with_accounts,
    open_auth_service,
    open_moderation,
    open_rate_limiter,
    sign_on_rules,
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
from hinode.core.auth.rate_limiter import RateLimiter
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.single_sign_on import SingleSignOn
from hinode.core.batches.service import BatchService
from hinode.core.catalog.service import Catalog
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
from hinode.core.jobs.lifecycle import JobLifecycle
from hinode.core.jobs.limits import JobLimits
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
from hinode.kit.clock import Clock
from hinode.kit.secret_box import SecretBox
from hinode.kit.url_signing import UrlSigner
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


@dataclass(frozen=True)
class CoreBuilder:
    """The parts that the services of the core are built from, and those that several share.

    ``given_engines`` replaces the installed ones; of these only ``engine_names``, if there are any.
    """

    settings: Settings
    db: Database
    store: ObjectStore
    keyring: Keyring
    clock: Clock
    lease_clock: Clock
    signals: QueueSignals
    schedule: RetrySchedule
    given_engines: EngineRegistry | None
    engine_names: Collection[str]

    @cached_property
    def links(self) -> SignedUrls:
        """URLs of files that need no key."""
        return SignedUrls(
            UrlSigner(ClusterKeySource(self.keyring, KeyPurpose.LINKS)),
            self.settings.public_url,
            self.clock,
            self.store.presigned_url if self.settings.presigned_urls else no_presigning,
        )

    @cached_property
    def engines(self) -> EngineRegistry:
        """The engines that render here."""
        tables = self.settings.engine_tables
        engines = self.given_engines or installed_engines(tables, self._upstreams.pool)
        return engines.only(self.engine_names) if self.engine_names else engines

    @cached_property
    def directory(self) -> EngineDirectory:
        """Capabilities of the engines of all hosts, read once here."""
        capabilities = partial(declared_capabilities, self.engines.all(), self._catalog)
        directory = EngineDirectory(self.db, capabilities)
        directory.refresh()
        return directory

    def build(self) -> CoreServices:
        """Build the services of all domains."""
        db, store, clock, jobs, sessions = (
            self.db,
            self.store,
            self.clock,
            self._jobs,
            self._sessions,
        )
        return CoreServices(
            jobs=jobs,
            estimates=EstimateService(jobs),
            execution=JobExecution(db, store, self._lifecycle, self._video_characters, clock),
            router=self._router(),
            job_cleanup=self._job_cleanup(),
            orphan_cleanup=OrphanCleanup(db, store, clock, STORED_KEYS),
            overview=AccountOverview(db, clock),
            own_account=OwnAccountService(jobs),
            library=JobLibrary(jobs),
            activity=AccountActivity(jobs),
            place=PlaceObserver(jobs),
            place_sums=PlaceSums(db, clock),
            engines=self._engine_admin(),
            upstreams=self._upstreams,
            files=FileService(db, store, clock, self._quota),
            batches=self._batches(),
            characters=self._characters(),
            cameos=self._cameos(),
            character_processor=CharacterProcessor(db, store),
            character_cleanup=CharacterCleanup(db, store, clock),
            user_search=UserSearch(db),
            drafts=DraftService(db, clock),
            posts=PostService(db, clock),
            webhooks=EndpointLifecycle(db, self._secret_box, clock, self._allowed_hosts),
            callbacks=self._callbacks,
            deliveries=self._deliveries,
            accounts=AccountAdmin(db, clock, sessions.rules.plans),
            job_admin=JobAdmin(jobs),
            keys=KeyAdmin(db, clock),
            audit=AuditLog(db, clock),
            reports=UsageReports(db),
            auth=AuthService(db, clock, self._limiter, sessions),
            sessions=sessions,
            login_links=LoginLinkService(sessions),
            single_sign_on=SingleSignOn(sessions, sign_on_rules(self.settings)),
            own_access=OwnAccess(sessions),
            profiles=AccountService(jobs, sessions),
            clocks=ClockService(db, clock),
            key_cleanup=KeyCleanup(self.keyring, self._secret_box, ENCRYPTED_COLUMNS),
        )

    # Jobs and engines

    @cached_property
    def _jobs(self) -> JobService:
        return JobService(
            self.db,
            self.store,
            self._catalog,
            self._lifecycle,
            self._video_characters,
            self.clock,
            self.directory,
            open_moderation(self.settings),
            frozenset(plan for plan in Plan if self.settings.plans.of(plan).watermark),
        )

    @cached_property
    def _lifecycle(self) -> JobLifecycle:
        return JobLifecycle(
            DbosDispatcher(self.db, self.signals),
            self.clock,
            _limits(self.settings),
            (self._deliveries, self._callbacks),
            self._presence,
            self._quota,
        )

    def _router(self) -> EngineRouter:
        most = self.settings.max_submit_attempts
        return EngineRouter(
            self.db, self._lifecycle, self._catalog, self.clock, self.lease_clock, most
        )

    def _job_cleanup(self) -> JobCleanup:
        db, store, clock, settings = self.db, self.store, self.clock, self.settings
        expiry = FileExpiry(db, store, clock, timedelta(hours=settings.removal_grace_hours))
        archive = JobArchive(db, store, clock, timedelta(days=settings.job_retention_days) or None)
        return JobCleanup(db, self._lifecycle, expiry, archive, clock)

    def _engine_admin(self) -> EngineAdmin:
        return EngineAdmin(
            self.db, self._catalog, self.lease_clock, unfinished_by_engine, self._presence
        )

    @cached_property
    def _catalog(self) -> Catalog:
        return build_catalog(self.settings)

    @cached_property
    def _presence(self) -> EnginePresence:
        return EnginePresence(timedelta(minutes=self.settings.engine_absence_minutes))

    @cached_property
    def _upstreams(self) -> UpstreamService:
        names = engines_with_accounts(self.settings)
        return UpstreamService(self.db, self._secret_box, self.lease_clock, names)

    # Files and batches

    @cached_property
    def _quota(self) -> StorageQuota:
        return StorageQuota(int(self.settings.account_storage_mb * 1_000_000))

    def _batches(self) -> BatchService:
        return BatchService(
            self.db,
            self.store,
            self._lifecycle,
            DbosBatchQueue(self.db, self.signals),
            self._deliveries,
            self.clock,
            self.settings.batch_max_lines,
            self.settings.account_max_unfinished,
        )

    # Characters

    @cached_property
    def _video_characters(self) -> VideoCharacters:
        return VideoCharacters()

    @cached_property
    def _images(self) -> CharacterImageStore:
        return CharacterImageStore(self.store)

    def _characters(self) -> CharacterService:
        consent = self.settings.character_consent
        return CharacterService(self.db, self.store, self._images, self.clock, consent)

    def _cameos(self) -> CameoLifecycle:
        return CameoLifecycle(
            self.db,
            self.store,
            self._jobs,
            self._images,
            DbosCameoQueue(self.db, self.signals),
            self.clock,
            self.settings.character_consent,
        )

    # Webhooks and callbacks

    @cached_property
    def _deliveries(self) -> DeliveryLifecycle:
        return DeliveryLifecycle(
            self.db,
            DbosDeliveryQueue(self.db, self.signals),
            self._secret_box,
            self._callback_secrets,
            self._callback_headers,
            self.clock,
            self.schedule,
        )

    @cached_property
    def _callbacks(self) -> CallbackListener:
        return CallbackListener(
            self.db,
            self._callback_secrets,
            self._callback_headers,
            self._deliveries,
            self._allowed_hosts,
            CallbackBody(self.links).render,
        )

    @cached_property
    def _callback_secrets(self) -> CallbackSecrets:
        return CallbackSecrets(self._secret_box, self.clock)

    @cached_property
    def _callback_headers(self) -> CallbackHeaders:
        return CallbackHeaders(self._secret_box, self.clock)

    @cached_property
    def _allowed_hosts(self) -> AllowList:
        return AllowList.parse(self.settings.allow_hosts)

    @cached_property
    def _secret_box(self) -> SecretBox:
        return SecretBox(ClusterKeySource(self.keyring, KeyPurpose.ENCRYPTION))

    # Who calls

    @cached_property
    def _limiter(self) -> RateLimiter:
        return open_rate_limiter(self.settings, self.clock)

    @cached_property
    def _sessions(self) -> SessionService:
        return open_auth_service(self.settings, self.db, self.clock, self._limiter, self.keyring)


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
