"""Servers of one process share what FastAPI works out per answer that is documented.

That is the larger part of building an application, and the same for each of them.
"""

from __future__ import annotations

import functools

from fastapi import routing


def build_quickly() -> None:
    """Let all applications of this process share their fields of answers."""
    vars(routing).update(create_model_field=functools.cache(vars(routing)["create_model_field"]))
