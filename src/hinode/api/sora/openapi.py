"""What the API document says of every route of this dialect."""

from __future__ import annotations

from hinode.api.routing import RouteDocs
from hinode.api.sora.schemas import SoraErrorEnvelope

TAG = "Sora backend dialect"
_ERROR_DESCRIPTIONS: dict[int, str] = {
    400: "`invalid_request`: a field is missing or wrong; the message says which rule.",
    401: "`token_expired`, `token_invalidated`",
    403: "The plan or the operator does not allow it.",
    404: "There is no such thing in this account.",
    429: "`too_many_concurrent_tasks`, or `rate_limit_exhausted` at the top level.",
    500: "`internal_error`",
    503: "`heavy_load`",
}
DOCS = RouteDocs(TAG, _ERROR_DESCRIPTIONS, SoraErrorEnvelope, (401,))
