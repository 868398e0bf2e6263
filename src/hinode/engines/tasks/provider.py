"""The task API as a provider: its requests, and what its responses mean."""

from __future__ import annotations

from collections.abc import Mapping

from hinode.engines.base import MAX_LORAS, Capabilities, JobAction, MediaKind, Parameter, RenderSpec
from hinode.engines.hosted.provider import ID, Call, TicketData
from hinode.engines.remote.factory import bearer
from hinode.engines.remote.http import UpstreamResponse, quote_segment
from hinode.engines.remote.polling import PollResult, RemoteStatus
from hinode.engines.remote.retries import is_no_capacity
from hinode.engines.tasks.requests import create_body
from hinode.engines.tasks.responses import accepted_id, is_rejection, parse_poll
from hinode.engines.tasks.settings import TasksEngineSettings

_GENERATIONS = "/videos/generations"


class TasksProvider:
    """A server of the task API: one video per task, from a first frame too."""

    def __init__(self, settings: TasksEngineSettings) -> None:
        self._settings = settings

    @property
    def idempotent(self) -> bool:
        """Return whether it honours Idempotency-Key."""
        return self._settings.idempotent

    def capabilities(self) -> Capabilities:
        """Return the capabilities: one video at a time, no remix, edit or extension."""
        settings = self._settings
        return Capabilities(
            kinds=frozenset({MediaKind.VIDEO}),
            first_frame=settings.accepts_data_urls,
            audio=False,
            description=settings.description or "Renders on another server.",
            licence=settings.licence or "as the other server says",
            origin=settings.provenance_origin,
            actions=frozenset({JobAction.CREATE}),
            max_outputs=1,
            can_resubmit=settings.idempotent,
            exact_output=False,
            parameters=settings.named_parameters | {Parameter.STYLE},
            extra_params=frozenset(settings.extra_params),
            max_loras=MAX_LORAS,
            hosted=settings.is_hosted,
        )

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the bearer token."""
        return bearer(secret)

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the create, with the job's id as its key."""
        settings = self._settings
        body = create_body(
            spec,
            spec.model or settings.model or spec.catalog_model or "",
            settings.extra,
            accepts_data_urls=settings.accepts_data_urls,
            sends_seed=Parameter.SEED in settings.named_parameters,
            callback_url=callback_url,
        )
        return Call("POST", _GENERATIONS, body, {"idempotency-key": str(spec.job_id)})

    def accepted(self, response: UpstreamResponse, spec: RenderSpec) -> TicketData:
        """Return the ticket: the task's id."""
        return {ID: accepted_id(response)}

    def rejected(self, response: UpstreamResponse) -> bool:
        """Return whether no task was created."""
        return is_rejection(response)

    def may_resend(self, response: UpstreamResponse) -> bool:
        """Return whether it has no capacity now."""
        return is_no_capacity(response)

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the task."""
        return Call("GET", _task_path(ticket))

    def poll_result(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what the task's status means."""
        return parse_poll(response, str(ticket[ID]))

    def follow(self, ticket: TicketData) -> Call | None:
        """Return None: a task has its result."""
        return None

    def followed(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what the response means, which is a task as well."""
        return self.poll_result(response, ticket)

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the delete of a task that has not ended."""
        return Call("DELETE", _task_path(ticket))


def _task_path(ticket: TicketData) -> str:
    return f"/tasks/{quote_segment(str(ticket[ID]))}"
