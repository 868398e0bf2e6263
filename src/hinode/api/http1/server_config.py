"""The configuration of uvicorn with which every server of Hinode serves."""

from __future__ import annotations

import resource
from functools import partial
from ipaddress import ip_network

import uvicorn
from starlette.types import ASGIApp

from hinode.api.client_address import covers, read_address
from hinode.api.http1.limits import BodyLimits, ConnectionLimits, HeadLimits, HttpLimits
from hinode.api.http1.whole_writes import HttpProtocol
from hinode.config.settings import Settings

RESERVED_FILES = 160
"""Open files kept from connections: the database, the object store, renders, deliveries."""
MIN_CONNECTIONS = 32
MAX_OPEN_FILES = 65_536


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return the configuration of a server with the bounds of the settings."""
    protocol = partial(HttpProtocol, limits=_limits(settings))
    return uvicorn.Config(
        app,
        http=protocol,  # type: ignore[arg-type] # it is called, though the type asks for a class
        ws="none",  # nothing speaks it, and its connections would leave the bounds
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # our middleware trusts the proxies of the settings only
        timeout_keep_alive=settings.keep_alive_seconds,  # type: ignore[arg-type] # a delay
    )


def _limits(settings: Settings) -> HttpLimits:
    return HttpLimits(
        HeadLimits(
            settings.max_header_kb * 1024,
            settings.max_header_fields,
            settings.header_timeout_seconds,
        ),
        BodyLimits(
            int(settings.max_body_mb * 1_000_000),
            settings.min_body_rate,
            settings.body_window_seconds,
        ),
        _connection_limits(settings),
    )


def _connection_limits(settings: Settings) -> ConnectionLimits:
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    files = MAX_OPEN_FILES if soft == resource.RLIM_INFINITY else soft
    total = max(MIN_CONNECTIONS, files - RESERVED_FILES)
    proxies = tuple(ip_network(one) for one in settings.trusted_proxies)
    return ConnectionLimits(
        total, total // 2, exempt=lambda host: covers(proxies, read_address(host))
    )
