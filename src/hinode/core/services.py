"""The services of all domains, handed on as one value."""

from __future__ import annotations

from dataclasses import dataclass

from hinode.core.assets.orphans import OrphanCleanup
from hinode.core.auth.auth_service import AuthService
from hinode.core.auth.key_admin import KeyOffice
from hinode.core.auth.session_service import FrontDoor
from hinode.core.characters.cameo_service import CameoService
from hinode.core.characters.cleanup import CharacterCleanup
from hinode.core.characters.processing import CharacterProcessor
from hinode.core.characters.service import CharacterService
from hinode.core.characters.user_search import UserSearch
from hinode.core.drafts.service import DraftService
from hinode.core.engines.admin import EngineAdmin
from hinode.core.files.uploads import FileService
from hinode.core.jobs.account_admin import AccountOffice
from hinode.core.jobs.account_service import Membership
from hinode.core.jobs.cleanup import JobCleanup
from hinode.core.jobs.execution import JobExecution
from hinode.core.jobs.operator_service import Operator
from hinode.core.jobs.overview import AccountOverview
from hinode.core.jobs.router import EngineRouter
from hinode.core.jobs.service import JobService
from hinode.core.posts.service import PostService
from hinode.core.upstreams.service import UpstreamService
from hinode.core.webhooks.callbacks import CallbackService
from hinode.core.webhooks.delivery import DeliveryService
from hinode.core.webhooks.service import EndpointService


@dataclass(frozen=True, slots=True)
class CoreServices:
    """One attribute per service; routes, commands and the worker call these and nothing below."""

    jobs: JobService
    execution: JobExecution
    router: EngineRouter
    job_cleanup: JobCleanup
    orphan_cleanup: OrphanCleanup
    overview: AccountOverview
    engines: EngineAdmin
    upstreams: UpstreamService
    files: FileService
    characters: CharacterService
    cameos: CameoService
    character_processor: CharacterProcessor
    character_cleanup: CharacterCleanup
    user_search: UserSearch
    drafts: DraftService
    posts: PostService
    webhooks: EndpointService
    callbacks: CallbackService
    deliveries: DeliveryService
    accounts: AccountOffice
    keys: KeyOffice
    auth: AuthService
    sessions: FrontDoor
    profiles: Membership
    operator: Operator
