"""Bad entries of the route table are refused when they are added."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from hinode.api.routing import RouteTable


async def wants_a_page(request: Request, page: str) -> Response:
    raise AssertionError


async def wants_nothing() -> Response:
    raise AssertionError


@pytest.mark.parametrize("endpoint", [wants_a_page, wants_nothing])
def test_an_endpoint_that_takes_what_its_path_has_not_is_refused(endpoint: object) -> None:
    with pytest.raises(TypeError, match=r"/things/\{thing\}"):
        RouteTable().hide("/things/{thing}", endpoint, "GET")  # type: ignore[arg-type]
