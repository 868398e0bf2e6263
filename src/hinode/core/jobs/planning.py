"""Plan the jobs of requests: model, parameters, characters and the video that one starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import sqlalchemy as sa

from hinode.core.accounts import repository as accounts
from hinode.core.assets import repository as assets
from hinode.core.assets.types import Asset
from hinode.core.auth.types import Caller
from hinode.core.catalog.capabilities import EngineCapabilities, parameter_support
from hinode.core.catalog.post_steps import reject_post_steps
from hinode.core.catalog.service import Catalog
from hinode.core.catalog.types import Model
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.jobs import repository
from hinode.core.jobs.derivation import as_rendered, cheapest, derive_from_job, derive_from_upload
from hinode.core.jobs.errors import expired_error, not_ready_error
from hinode.core.jobs.lifecycle import NewJob
from hinode.core.jobs.new_jobs import derived_job, image_job, video_job
from hinode.core.jobs.parameter_fit import fit_request
from hinode.core.jobs.requests import ImageRequest, JobSource, UploadSource, VideoRequest
from hinode.core.jobs.route_planning import RoutePlanner
from hinode.core.jobs.types import CharacterResolver, Job, JobState
from hinode.kit.clock import Clock
from hinode.kit.frozen import with_changes
from hinode.media.types import ArtifactRole, MediaKind
from hinode.storage.errors import ObjectMissing

if TYPE_CHECKING:
    from hinode.db.database import Database
    from hinode.storage.store import ObjectStore


R = TypeVar("R", VideoRequest, ImageRequest)


@dataclass(frozen=True, slots=True)
class JobPlanner:
    """Plans jobs; reads only. All methods raise :class:`HinodeError`."""

    db: Database
    store: ObjectStore
    catalog: Catalog
    characters: CharacterResolver
    clock: Clock
    capabilities: Mapping[str, EngineCapabilities]

    def plan_image(
        self, caller: Caller, prompt: str, request: ImageRequest, *, from_pictures: bool
    ) -> NewJob:
        """Return the job of a request for images, of a prompt alone or from pictures."""
        model = self.catalog.get(request.params.model, MediaKind.IMAGE)

        def make(one: Model) -> NewJob:
            return image_job(one, prompt, self._fitted(request, one))

        images = frozenset({ArtifactRole.UPLOAD}) if from_pictures else frozenset[ArtifactRole]()
        return self.route_planner(caller).over_routes(
            model,
            make,
            images,
            same_seed=request.params.seed is None,
            pictures=len(request.references),
        )

    def plan_video(
        self,
        caller: Caller,
        prompt: str,
        request: VideoRequest,
        images: frozenset[ArtifactRole] = frozenset(),
    ) -> NewJob:
        """Return the job of a request; ``images`` are the roles of the images that it has."""
        if isinstance(request.source, UploadSource):
            return self._plan_upload(caller, prompt, request, request.source, images)
        if isinstance(request.source, JobSource):
            return self._plan_derived(caller, prompt, request, request.source, images)
        if request.shots:
            reject_post_steps(request.params.render, "storyboards")
        model = self.catalog.get(request.params.model, MediaKind.VIDEO)

        def make(one: Model) -> NewJob:
            return video_job(one, prompt, self._fitted(request, one))

        return self.route_planner(caller, characters=request.characters).over_routes(
            model,
            make,
            images,
            same_seed=request.params.seed is None,
            pictures=len(request.reference_images),
        )

    def _plan_derived(
        self,
        caller: Caller,
        prompt: str,
        request: VideoRequest,
        start: JobSource,
        images: frozenset[ArtifactRole],
    ) -> NewJob:
        reject_post_steps(request.params.render, "changes of others")
        parent = as_rendered(self._parent(caller, start), start.action)
        request = self._inherit_characters(caller, request, parent)
        model = self.catalog.get(request.params.model or parent.model, MediaKind.VIDEO)

        def make(one: Model) -> NewJob:
            fitted = self._fitted(request, one, parent)
            derived = derive_from_job(one, fitted.params, start.action, parent)
            return derived_job(prompt, fitted, start, derived, parent)

        return self.route_planner(caller, parent, request.characters).over_routes(
            model, make, images, same_seed=request.params.seed is None
        )

    def _plan_upload(
        self,
        caller: Caller,
        prompt: str,
        request: VideoRequest,
        start: UploadSource,
        images: frozenset[ArtifactRole],
    ) -> NewJob:
        """Return the job of an uploaded clip; the least that it can cost while there is no clip."""
        reject_post_steps(request.params.render, "changes of clips")
        model = self.catalog.get(request.params.model, MediaKind.VIDEO)

        def make(one: Model) -> NewJob:
            fitted = self._fitted(request, one)
            derived = (
                cheapest(one)
                if start.clip is None
                else derive_from_upload(one, fitted.params, start.action, start.clip.facts)
            )
            return derived_job(prompt, fitted, start, derived, None)

        return self.route_planner(caller, characters=request.characters).over_routes(
            model, make, images, same_seed=request.params.seed is None
        )

    def route_planner(
        self, caller: Caller, parent: Job | None = None, characters: Sequence[UUID] = ()
    ) -> RoutePlanner:
        """Return the planner of a request that starts from a job and shows characters.

        Pictures of a local only account or key do not leave the house, whoever uses them.
        """
        if caller.limits.local_only or (parent is not None and parent.options.local_only):
            return RoutePlanner(caller, self.capabilities, inherits_local_only=True)
        if not characters and (parent is None or parent.account_id == caller.account_id):
            return RoutePlanner(caller, self.capabilities)  # most requests: nothing to look up
        with self.db.read() as conn:
            owners = self.characters.owners(conn, characters)
            owners |= frozenset([parent.account_id] if parent else [])
            stays = accounts.any_local_only(conn, owners - {caller.account_id})
        return RoutePlanner(caller, self.capabilities, inherits_local_only=stays)

    def _fitted(self, request: R, model: Model, parent: Job | None = None) -> R:
        """Return the request with the parameters that the engine of a model takes."""
        return fit_request(request, model, parameter_support(self.capabilities, model), parent)

    def with_characters(self, caller: Caller, prompt: str, request: VideoRequest) -> VideoRequest:
        """Add the characters that the prompt or a shot mentions."""
        words = "\n".join((prompt, *(shot.prompt for shot in request.shots)))
        with self.db.read() as conn:
            character_ids = self.characters.resolve(
                conn, caller.account_id, words, request.characters
            )
        return with_changes(request, characters=character_ids)

    def _inherit_characters(
        self, caller: Caller, request: VideoRequest, parent: Job
    ) -> VideoRequest:
        """Use the characters of the parent if the request names none.

        Only of the caller's own parent: a remix of another account's video gives no permission to
        use its characters in new videos.
        """
        if request.characters or parent.account_id != caller.account_id:
            return request
        with self.db.read() as conn:
            character_ids = self.characters.filter_visible(
                conn, caller.account_id, parent.options.characters
            )
        return replace(request, characters=character_ids)

    def _parent(self, caller: Caller, start: JobSource) -> Job:
        """Return the completed job of the source; raise :class:`HinodeError` if it has no file."""
        owner = start.owner or caller.account_id
        with self.db.read() as conn:
            parent = own_job(conn, owner, start.job_id)
            if parent.kind is not MediaKind.VIDEO or start.output >= parent.plan.outputs:
                raise HinodeError(ErrorCode.JOB_NOT_FOUND, "There is no such video.", param="id")
            if parent.state is not JobState.COMPLETED:
                raise not_ready_error(parent)
            video = assets.find(conn, parent.id, start.output, ArtifactRole.VIDEO)
        if video is None or parent.expired(self.clock.now()) or not self._is_stored(video):
            raise expired_error()
        return parent

    def _is_stored(self, asset: Asset) -> bool:
        try:
            self.store.head(asset.key)
        except ObjectMissing:
            return False
        return True


def own_job(conn: sa.Connection, account_id: UUID, job_id: UUID) -> Job:
    """Return a job of an account. Raises :class:`HinodeError` for any other id."""
    job = repository.find_own(conn, account_id, job_id)
    if job is None:
        raise HinodeError(
            ErrorCode.JOB_NOT_FOUND, "There is no such job in this account.", param="id"
        )
    return job
