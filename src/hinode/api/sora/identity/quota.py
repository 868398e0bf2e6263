"""The object in which this dialect tells of quota and credits."""

from __future__ import annotations

from typing import Any

from hinode.studio.jobs.quota import Quota


def quota_json(quota: Quota) -> dict[str, Any]:
    """Render ``rate_limit_and_credit_balance``; the details of ``QUOTA_EXHAUSTED`` are the same."""
    return quota.facts()
