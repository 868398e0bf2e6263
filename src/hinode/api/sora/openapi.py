"""The parts of the OpenAPI document that all routes of the Sora dialect share."""

from __future__ import annotations

from hinode.api.routing import RouteDocs
from hinode.api.sora.schemas import SoraErrorEnvelope

DOCS = RouteDocs(
    "Sora",
    {
        400: "`invalid_request`: a field is missing or invalid.",
        401: "`token_expired`, `token_invalidated`",
        403: "The plan of the account or the operator does not allow the request.",
        404: "The resource does not exist in this account.",
        429: "`too_many_concurrent_tasks`, or `rate_limit_exhausted` at the top level of the body.",
        500: "`internal_error`",
        503: "`heavy_load`: the queue is full or no worker is alive.",
    },
    SoraErrorEnvelope,
    (401,),
)
