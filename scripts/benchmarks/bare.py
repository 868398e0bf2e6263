"""The yardstick: a Starlette application that does nothing, served as Hinode is served.

`python bare.py PORT` runs it. One route reads a body, one does not; both return the same bytes,
which are as long as a video object.
"""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_BODY = b'{"id":"video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b","object":"video"' + b" " * 400 + b"}"


async def _read(request: Request) -> Response:
    await request.body()
    return Response(_BODY, media_type="application/json")


async def _answer(_request: Request) -> Response:
    return Response(_BODY, media_type="application/json")


def main() -> None:
    routes = [Route("/", _answer), Route("/create", _read, methods=["POST"])]
    uvicorn.run(
        Starlette(routes=routes),
        port=int(sys.argv[1]),
        # As in hinode.cli.server.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    main()
