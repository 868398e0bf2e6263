"""The body of a video event, with the same keys as in OpenAI's guide to webhooks.

It has the id of the video only; the receiver requests the video for its current state.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from hinode.core.webhooks.types import EVENT_PREFIX, EventType
from hinode.kit.ids import encode_id, to_video_id


def video_event_body(
    event_id: UUID, event_type: EventType, job_id: UUID, created_at: datetime
) -> str:
    """Return the body of a video event as compact JSON; times are in Unix seconds."""
    body = {
        "id": encode_id(EVENT_PREFIX, event_id),
        "object": "event",
        "created_at": int(created_at.timestamp()),
        "type": event_type.value,
        "data": {"id": to_video_id(job_id)},
    }
    return json.dumps(body, separators=(",", ":"))
