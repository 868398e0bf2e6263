"""The body of an event, with the same keys as in OpenAI's guide to webhooks.

It has the id of the video or batch only; the receiver requests its current state.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from hinode.core.webhooks.types import EVENT_PREFIX, EventType
from hinode.kit.ids import encode_id


def event_body(event_id: UUID, event_type: EventType, data_id: str, created_at: datetime) -> str:
    """Return the body of an event as compact JSON; times are in Unix seconds."""
    body = {
        "id": encode_id(EVENT_PREFIX, event_id),
        "object": "event",
        "created_at": int(created_at.timestamp()),
        "type": event_type.value,
        "data": {"id": data_id},
    }
    return json.dumps(body, separators=(",", ":"))
