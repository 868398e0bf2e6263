"""From engines and their accounts to the admin API's objects; no I/O, and no token."""

from __future__ import annotations

from typing import Any

from hinode.api.admin.serializers import unix
from hinode.core.engines.admin import EngineStatus
from hinode.core.upstream_desk import UpstreamView


def engine(one: EngineStatus) -> dict[str, Any]:
    """Return an engine."""
    state = one.state
    return {
        "name": state.name,
        "admin_state": state.admin_state.value,
        "queued": one.queued,
        "running": one.running,
        "failures": state.failures,
        "cooldown_until": unix(state.cooldown_until),
        "reason": state.reason,
    }


def account(view: UpstreamView) -> dict[str, Any]:
    """Return an account at an engine's server."""
    one = view.account
    return {
        "id": str(one.id),
        "engine": one.engine,
        "label": one.label,
        "email": one.email,
        "state": view.state.value,
        "reason": one.reason,
        "plan": None if one.plan is None else one.plan.value,
        "videos_left": one.videos_left,
        "resets_at": unix(one.resets_at),
        "expires_at": unix(one.expires_at),
        "renewable": one.renewable,
        "resting_until": unix(one.resting_until),
        "failures": one.failures,
        "video_concurrency": one.slots.videos,
        "image_concurrency": one.slots.images,
        "videos_running": view.videos,
        "images_running": view.images,
        "videos_made": one.videos_made,
        "images_made": one.images_made,
        "last_used_at": unix(one.last_used_at),
        "created_at": unix(one.created_at),
    }
