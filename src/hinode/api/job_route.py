"""The route of a job, its engine and the model's name there, in headers of every dialect.

Bodies that clients read strictly, as those of the task API and of Sora's backend, have no place
for it. A route may change while the job is queued; it is that of the files once it has ended.
"""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import quote

from starlette.requests import Request
from starlette.types import Scope

from hinode.core.jobs.types import Job

ENGINE_HEADER, UPSTREAM_HEADER = "x-hinode-engine", "x-hinode-upstream"

_IN_SCOPE = "hinode.job_route"
_SAFE = "/:@+"


def tell_route(request: Request, job: Job) -> None:
    """Have the answer's headers name the route of the one job that it is about."""
    request.scope[_IN_SCOPE] = (job.engine, public_upstream(job.upstream))


def public_upstream(name: str | None) -> str | None:
    """Return the model's name at its engine; of a folder on the host, its own name only."""
    return PurePath(name).name if name and name.startswith(("/", "~", ".")) else name


def route_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers that were told, percent-encoded; none for an engine's default name."""
    told = zip((ENGINE_HEADER, UPSTREAM_HEADER), scope.get(_IN_SCOPE, ()), strict=False)
    return [(name.encode(), quote(value, safe=_SAFE).encode()) for name, value in told if value]
