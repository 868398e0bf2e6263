"""The route that a request to an unknown path was probably meant for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_VERSION = re.compile(r"/v[0-9]+(?:beta|alpha)?(?=/)")
_TASK = re.compile(r"/v1/videos/generations/[^/]+")
_LONGEST = 100
_CLOSENESS = 0.75
# Routes of other servers that are spelled too differently to be found by their letters.
_OTHERS = {
    "/v1/responses": "/v1/chat/completions (`provider.chat(model)` in the AI SDK)",
    "/v1/completions": "/v1/chat/completions",
    "/v1/messages": "/v1/chat/completions",
    "/v1/video/create": "/v1/videos",
    "/v1/video/generate": "/v1/videos",
    "/v1/text2video": "/v1/videos",
    "/v1/image2video": "/v1/videos",
}


def near_path(path: str, served: Iterable[str]) -> str | None:
    """Return the served path template nearest to a path below any version, or below none."""
    if len(path) > _LONGEST:
        return None
    below = path.removeprefix("/api")
    wanted = _VERSION.sub("/v1", below if _VERSION.match(below) else f"/v1{below}", count=1)
    if wanted in _OTHERS:
        return _OTHERS[wanted]
    if _TASK.fullmatch(wanted):
        return "/v1/tasks/{task_id}"
    found = difflib.get_close_matches(wanted, sorted(served), n=1, cutoff=_CLOSENESS)
    return found[0] if found else None
