"""Bringing in the pictures of a request: from itself, from files uploaded before, from URLs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from hinode.api.context import ApiContext
from hinode.api.openai.image_inputs import ImageFile, ImageUrl, Reference
from hinode.core.auth.types import Caller
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.fetch import FetchError, fetch


async def load_pictures(
    context: ApiContext, caller: Caller, references: Sequence[Reference]
) -> list[bytes]:
    """Return the pictures' bytes, in their order.

    All that one request names together may be as large as one upload, and be fetched in the time
    of one fetch. Raises :class:`HinodeError`.
    """
    room = context.upload_limit
    deadline = time.monotonic() + context.fetch_policy.timeout_s
    loaded: list[bytes] = []
    for reference in references:
        data = await _load(context, caller, reference, room, deadline)
        room -= len(data)
        if room < 0:
            raise HinodeError(
                ErrorCode.TOO_LARGE,
                f"The pictures of a request have at most {context.upload_limit} bytes together.",
                param=reference.name,
            )
        loaded.append(data)
    return loaded


async def _load(
    context: ApiContext, caller: Caller, reference: Reference, room: int, deadline: float
) -> bytes:
    if isinstance(reference, ImageFile):
        return await context.call(context.core.files.read, caller, reference.file_id)
    if not isinstance(reference, ImageUrl):
        return reference.data
    left = max(0.0, deadline - time.monotonic())
    policy = replace(context.fetch_policy, max_bytes=room, timeout_s=left)
    try:
        return (await fetch(reference.url, policy=policy)).body
    except FetchError as error:
        raise HinodeError(ErrorCode.URL_NOT_ALLOWED, error.message, param=reference.name) from error
