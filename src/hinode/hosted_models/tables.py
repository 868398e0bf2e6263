"""All models of hosted providers, by the kind of engine."""

from __future__ import annotations

from collections.abc import Mapping

from hinode.hosted_models import runway
from hinode.hosted_models.types import HostedModel

HOSTED_TABLES: Mapping[str, tuple[HostedModel, ...]] = {"runway": runway.MODELS}
HOSTED_MODELS = tuple(one for found in HOSTED_TABLES.values() for one in found)
