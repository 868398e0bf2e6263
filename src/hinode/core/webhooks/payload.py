"""The body of a video event: the id only, so that the receiver asks for the rest.

The shape is that of OpenAI's guide to webhooks, key for key.
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
    """Write the body of a video event; times are in Unix seconds."""
    body = {
        "id": encode_id(EVENT_PREFIX, event_id),
        "object": "event",
        "created_at": int(created_at.timestamp()),
        "type": event_type.value,
        "data": {"id": to_video_id(job_id)},
    }
    return json.dumps(body, separators=(",", ":"))
