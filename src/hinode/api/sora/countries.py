"""Checks that a client is in a served country, by a header of a trusted proxy."""

from __future__ import annotations

from starlette.requests import Request

from hinode.api.client_address import came_through_proxy
from hinode.api.context import ApiContext
from hinode.core.errors import ErrorCode, HinodeError

UNKNOWN = "XX"
"""The code for an unknown country, as Cloudflare writes it; ISO 3166-1 leaves it to users."""


def check_country(request: Request, context: ApiContext) -> None:
    """Refuse clients that are not known to be in a served country. Raises :class:`HinodeError`.

    Without a list of countries all are served. A header that no trusted proxy set is ignored.
    """
    if not context.countries:
        return
    header_value = (
        request.headers.get(context.country_header, "") if came_through_proxy(request) else ""
    )
    country = header_value.strip().upper()[:2] or UNKNOWN
    if country not in context.countries:
        raise HinodeError(
            ErrorCode.COUNTRY_UNSUPPORTED,
            f"This server is not available in the country '{country}'.",
            param=country,
        )
