"""Everything one Hinode is made of, built from its settings; no HTTP and no running worker yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hinode.api.asset_links import AssetLinks, no_presigning
from hinode.api.tasks.callbacks import CallbackBody
from hinode.config.settings import Settings
from hinode.db.database import Database
from hinode.engines.base import Capabilities
from hinode.engines.registry import EngineRegistry, installed_engines
from hinode.foundation import (
    build_catalog,
    open_database,
    open_door,
    open_pace,
    prepare_folder,
    with_accounts,
)
from hinode.kit.addresses import AllowList
from hinode.kit.clock import Clock, SystemClock
from hinode.kit.sealing import KEY_FILE, load_sealer
from hinode.kit.url_signing import load_signer
from hinode.storage.opening import open_store
from hinode.storage.store import ObjectStore
from hinode.studio.account_office import AccountOffice
from hinode.studio.account_pool import AccountPool
from hinode.studio.backstage import Backstage
from hinode.studio.callback_desk import CallbackDesk
from hinode.studio.cameo_desk import CameoDesk
from hinode.studio.cameo_work import CameoWork
from hinode.studio.cast import Casting
from hinode.studio.cast_keeping import CastKeeping
from hinode.studio.catalog.abilities import Ability
from hinode.studio.characters.cameo_service import CameoService
from hinode.studio.engine_desk import EngineDesk
from hinode.studio.filing import Filing
from hinode.studio.gallery import Gallery
from hinode.studio.housekeeping import Housekeeping
from hinode.studio.jobs.service import JobLimits, JobService
from hinode.studio.key_office import KeyOffice
from hinode.studio.membership import Membership
from hinode.studio.operator import Operator
from hinode.studio.overview import Overview
from hinode.studio.people import People
from hinode.studio.portraits import Portraits
from hinode.studio.postroom import Postroom
from hinode.studio.publishing import Publishing
from hinode.studio.studio import Studio
from hinode.studio.switchyard import Switchyard
from hinode.studio.upstream_desk import UpstreamDesk
from hinode.studio.webhook_desk import WebhookDesk
from hinode.studio.webhooks.callback_secrets import CallbackSecrets
from hinode.studio.webhooks.callbacks import CallbackService
from hinode.studio.webhooks.deliveries import DeliveryService
from hinode.studio.webhooks.schedule import Schedule
from hinode.studio.webhooks.service import EndpointService
from hinode.workflows.account_pool import EnginePool
from hinode.workflows.dispatcher import DbosCameoQueue, DbosDeliveryQueue, DbosDispatcher

LINKS_KEY = "links.key"
"""Name of the file in the data folder whose key signs links; servers of one database share it."""


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
    yard: Switchyard
    account_pool: AccountPool
    upstream_desk: UpstreamDesk
    engine_desk: EngineDesk
    housekeeping: Housekeeping
    operator: Operator
    casting: Casting
    cameos: CameoDesk
    cameo_work: CameoWork
    cast_keeping: CastKeeping
    filing: Filing
    webhooks: WebhookDesk
    overview: Overview
    gallery: Gallery
    members: Membership
    callbacks: CallbackDesk
    account_office: AccountOffice
    key_office: KeyOffice
    links: AssetLinks
    postroom: Postroom
    publishing: Publishing
    people: People

    def close(self) -> None:
        """Let go of the database."""
        self.db.dispose()


def open_services(
    settings: Settings,
    *,
    engines: EngineRegistry | None = None,
    clock: Clock | None = None,
    webhook_schedule: Schedule | None = None,
) -> Services:
    """Open the database (creating or migrating it) and the object store of these settings.

    Raises ``OSError``, ``sqlalchemy.exc.SQLAlchemyError`` or
    :class:`hinode.storage.errors.StorageError` when one of them cannot be used.
    """
    clock = clock or SystemClock()
    prepare_folder(settings)
    db = open_database(settings)
    store = open_store(settings.storage_url)
    sealer = load_sealer(settings.data / KEY_FILE)
    schedule = webhook_schedule or Schedule()
    secrets = CallbackSecrets(sealer, clock)
    deliveries = DeliveryService(DbosDeliveryQueue(db), sealer, secrets, clock, schedule)
    links = AssetLinks(
        load_signer(settings.data / LINKS_KEY),
        settings.public_url,
        clock,
        store.presigned if settings.presigned_links else no_presigning,
    )
    callbacks = CallbackService(deliveries, CallbackBody(links).render)
    jobs = JobService(DbosDispatcher(db), clock, _limits(settings), (deliveries, callbacks))
    allow = AllowList.parse(settings.allow_hosts)
    endpoints = EndpointService(sealer, clock, allow)
    pace = open_pace(settings, clock)
    account_pool = AccountPool(db, sealer, clock)
    engines = engines or installed_engines(
        settings.engines, lambda name: EnginePool(name, account_pool)
    )
    abilities = {one.name: _ability(one.capabilities()) for one in engines.all()}
    studio = Studio(db, store, build_catalog(settings), jobs, clock, pace, abilities)
    portraits, cameos = Portraits(db, store, clock), CameoService(DbosCameoQueue(db))
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        store=store,
        engines=engines,
        studio=studio,
        backstage=Backstage(db, store, jobs, clock),
        engine_desk=EngineDesk(db, studio.catalog, clock),
        yard=Switchyard(db, jobs, studio.catalog, clock, settings.engine_tries),
        account_pool=account_pool,
        upstream_desk=UpstreamDesk(db, sealer, clock, with_accounts(settings)),
        housekeeping=Housekeeping(db, store, jobs, clock),
        operator=Operator(db, clock),
        casting=Casting(db, store, portraits, clock),
        cameos=CameoDesk(db, store, studio, portraits, cameos, clock),
        cameo_work=CameoWork(db, store, cameos),
        cast_keeping=CastKeeping(db, store, clock),
        filing=Filing(db, store, clock),
        webhooks=WebhookDesk(db, endpoints),
        overview=Overview(db, clock),
        gallery=Gallery(db, clock),
        members=Membership(studio, open_door(settings, db, clock, pace)),
        callbacks=CallbackDesk(db, secrets, deliveries, allow),
        account_office=AccountOffice(db, clock),
        key_office=KeyOffice(db, clock),
        links=links,
        postroom=Postroom(db, deliveries, clock),
        publishing=Publishing(db, clock),
        people=People(db),
    )


def _ability(can: Capabilities) -> Ability:
    return Ability(can.kinds, can.actions, can.first_frame, can.max_outputs)


def _limits(settings: Settings) -> JobLimits:
    retention = settings.retention_hours
    return JobLimits(
        queue=timedelta(hours=settings.queue_hours),
        run=timedelta(seconds=settings.run_seconds),
        retention=timedelta(hours=retention) if retention else None,
        outstanding=settings.account_outstanding,
        queued=settings.queue_limit,
    )
