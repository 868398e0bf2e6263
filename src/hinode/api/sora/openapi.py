"""The parts of the API document that all routes of this dialect share."""

from __future__ import annotations

from hinode.api.routing import RouteDocs
from hinode.api.sora.schemas import SoraErrorEnvelope

DOCS = RouteDocs(
    "Sora backend dialect",
    {
        400: "`invalid_request`: a field is missing or wrong; the message says which rule.",
        401: "`token_expired`, `token_invalidated`",
        403: "The plan or the operator does not allow it.",
        404: "There is no such thing in this account.",
        429: "`too_many_concurrent_tasks`, or `rate_limit_exhausted` at the top level.",
        500: "`internal_error`",
        503: "`heavy_load`",
    },
    SoraErrorEnvelope,
    (401,),
)
