"""The services of all domains in one value, built by :mod:`hinode.core_builder`."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.core.assets.orphans import OrphanCleanup
from hinode.core.audit.service import AuditLog
from hinode.core.auth.auth_service import AuthService
from hinode.core.auth.key_admin import KeyAdmin
from hinode.core.auth.login_links import LoginLinkService
from hinode.core.auth.own_access import OwnAccess
from hinode.core.auth.session_service import SessionService
from hinode.core.auth.single_sign_on import SingleSignOn
from hinode.core.batches.service import BatchService
from hinode.core.characters.cameo_lifecycle import CameoLifecycle
from hinode.core.characters.cleanup import CharacterCleanup
from hinode.core.characters.processing import CharacterProcessor
from hinode.core.characters.service import CharacterService
from hinode.core.characters.user_search import UserSearch
from hinode.core.cluster.key_cleanup import KeyCleanup
from hinode.core.drafts.queries import DraftService
from hinode.core.engines.admin import EngineAdmin
from hinode.core.files.service import FileService
from hinode.core.jobs.account_admin import AccountAdmin
from hinode.core.jobs.account_service import AccountService
from hinode.core.jobs.activity import AccountActivity
from hinode.core.jobs.cleanup import JobCleanup
from hinode.core.jobs.estimates import EstimateService
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.job_admin import JobAdmin
from hinode.core.jobs.library import JobLibrary
from hinode.core.jobs.overview import AccountOverview
from hinode.core.jobs.own_account import OwnAccountService
from hinode.core.jobs.place_activity import PlaceObserver
from hinode.core.jobs.place_sums import PlaceSums
from hinode.core.jobs.router import EngineRouter
from hinode.core.jobs.service import JobService
from hinode.core.jobs.usage_report import UsageReports
from hinode.core.posts.lifecycle import PostService
from hinode.core.timekeeping.service import ClockService
from hinode.core.upstreams.service import UpstreamService
from hinode.core.webhooks.callback_listener import CallbackListener
from hinode.core.webhooks.delivery import DeliveryLifecycle
from hinode.core.webhooks.endpoint_lifecycle import EndpointLifecycle


@dataclass(frozen=True, slots=True)
class CoreServices:
    """All services of the core; routes, commands and the worker call nothing below them."""

    jobs: JobService
    estimates: EstimateService
    execution: JobExecution
    router: EngineRouter
    job_cleanup: JobCleanup
    orphan_cleanup: OrphanCleanup
    overview: AccountOverview
    own_account: OwnAccountService
    library: JobLibrary
    activity: AccountActivity
    place: PlaceObserver
    place_sums: PlaceSums
    engines: EngineAdmin
    upstreams: UpstreamService
    files: FileService
    batches: BatchService
    characters: CharacterService
    cameos: CameoLifecycle
    character_processor: CharacterProcessor
    character_cleanup: CharacterCleanup
    user_search: UserSearch
    drafts: DraftService
    posts: PostService
    webhooks: EndpointLifecycle
    callbacks: CallbackListener
    deliveries: DeliveryLifecycle
    accounts: AccountAdmin
    job_admin: JobAdmin
    keys: KeyAdmin
    audit: AuditLog
    reports: UsageReports
    auth: AuthService
    sessions: SessionService
    login_links: LoginLinkService
    single_sign_on: SingleSignOn
    own_access: OwnAccess
    profiles: AccountService
    clocks: ClockService
    key_cleanup: KeyCleanup
