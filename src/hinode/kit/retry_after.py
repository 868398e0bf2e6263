"""Parse the Retry-After header."""

from __future__ import annotations

import math
import time
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime


def parse_retry_after(header: str | None) -> float | None:
    """Parse ``Retry-After``: seconds or an HTTP date (RFC 9110 §10.2.3); None for anything else."""
    if header is None:
        return None
    with suppress(ValueError):
        seconds = float(header)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    with suppress(ValueError):
        moment = parsedate_to_datetime(header)
        return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time())
    return None
