"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from fastapi import FastAPI

from hinode.api.context import ApiContext


def add_routes(app: FastAPI, context: ApiContext) -> None:
    """Serve this part of the dialect."""
