"""The part of a hosted engine that differs: requests, and the meaning of responses.

A module per provider implements :class:`Provider`; :mod:`hinode.engines.hosted.engine` does the
rest: submit, wait, download, cancel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hinode.engines.base import JSON, Capabilities, RenderSpec
from hinode.engines.remote.http import UpstreamResponse
from hinode.engines.remote.polling import PollResult, RemoteStatus

ID = "id"
"""Key of the provider's id of the job in the ticket."""

URLS = "urls"
"""Key of the results' URLs in the details of a poll."""

COST = "cost"
"""Key of what the job cost there, in the provider's units, in the details of a poll."""

CREDITS = "credits"
"""Key of what to charge for it in our credits, in the details of a poll."""

DATA = "data"
"""Key of a video that lies in the status itself, as bytes, in the details of a poll."""

TicketData = Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider; ``path`` is below its base URL."""

    method: str
    path: str
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """The requests and responses of one provider; pure but for the pictures that it reads.

    With ``idempotent`` true it honours a key of its own, so that a create whose outcome is unknown
    may be sent again; otherwise nothing ever sends one twice.
    """

    @property
    def idempotent(self) -> bool:
        """Return whether a create may be repeated."""
        ...

    def capabilities(self) -> Capabilities:
        """Return what it can render."""
        ...

    def headers(self, secret: str) -> Mapping[str, str]:
        """Return the headers of every request; ``secret`` is the key, empty without one."""
        ...

    def create(self, spec: RenderSpec, callback_url: str | None) -> Call:
        """Return the request that creates the job.

        Raises :class:`hinode.engines.remote.errors.UpstreamError` for what it cannot make.
        """
        ...

    def accepted(self, response: UpstreamResponse, spec: RenderSpec) -> TicketData:
        """Return the data of the ticket: at least the ``id`` of the job there.

        Raises :class:`hinode.engines.remote.errors.UpstreamError` for a rejection, and an uncertain
        one for a response that leaves open what was created.
        """
        ...

    def rejected(self, response: UpstreamResponse) -> bool:
        """Return whether a response to a create says that nothing was created."""
        ...

    def may_resend(self, response: UpstreamResponse) -> bool:
        """Return whether such a response is no reason not to send the create again."""
        ...

    def poll(self, ticket: TicketData) -> Call:
        """Return the request for the status of the job."""
        ...

    def poll_result(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what a status means; a completed one has the ``urls`` in its details.

        Raises :class:`hinode.engines.remote.polling.PollError` for trouble that may pass.
        """
        ...

    def follow(self, ticket: TicketData) -> Call | None:
        """Return the request for the result of a completed job; None where its status has it."""
        ...

    def followed(self, response: UpstreamResponse, ticket: TicketData) -> PollResult:
        """Return what the response to that means, as :meth:`poll_result` does."""
        ...

    def stop(self, ticket: TicketData, status: RemoteStatus | None) -> Call | None:
        """Return the request that stops the job, None if there is nothing to send.

        ``status`` is what was seen just before, None if that was no status; it has not ended.
        """
        ...
