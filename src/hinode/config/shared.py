"""The settings that are the same for all hosts of one database, once one of them published them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError, create_model

from hinode.config.settings import Settings

log = structlog.get_logger("hinode.config")

SHARED = (
    "presigned_urls",
    "public_url",
    "engine",
    "models",
    "aliases",
    "plans",
    "signup",
    "signup_credits",
    "password_login",
    "access_token_hours",
    "session_days",
    "character_consent",
    "countries",
    "country_header",
    "account_max_unfinished",
    "account_storage_mb",
    "queue_limit",
    "engine_absence_minutes",
    "answer_app_tasks",
    "strict_fields",
    "max_submit_attempts",
    "queue_timeout_hours",
    "run_timeout_seconds",
    "retention_hours",
    "removal_grace_hours",
    "job_retention_days",
    "batch_max_lines",
    "max_body_mb",
    "allow_hosts",
)
"""Names of the settings that belong to the place; all others belong to a host or hold secrets."""

SharedSettings: type[BaseModel] = create_model(
    "SharedSettings",
    **{name: (Settings.model_fields[name].annotation, None) for name in SHARED},  # type: ignore[call-overload]
)


def to_document(settings: Settings) -> str:
    """Return the shared settings of a host as JSON, its defaults among them."""
    names = set(SHARED)
    # In tables, what is unset stays unset: a model changes only what its table names.
    given = settings.model_dump(mode="json", include=names, exclude_unset=True)
    return json.dumps(settings.model_dump(mode="json", include=names) | given)


def from_document(document: str) -> dict[str, Any]:
    """Return published settings by name; empty, with a warning, if this release cannot read them.

    Names that this release does not know are left out.
    """
    try:
        parsed = SharedSettings.model_validate_json(document)
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]) for problem in error.errors()})
        log.warning(
            "the published settings cannot be read by this release, and have no effect here",
            settings=", ".join(names),
            remedy="run `hinode config publish` with the newest release",
        )
        return {}
    return {name: getattr(parsed, name) for name in parsed.model_fields_set}


def as_given(published: Mapping[str, Any]) -> dict[str, Any]:
    """Return published settings as tables, without what these leave unset."""
    return SharedSettings(**published).model_dump(exclude_unset=True)


def differences(settings: Settings, published: dict[str, Any]) -> list[str]:
    """Return the names that this host gives another value than the published one."""
    return [
        name
        for name, value in published.items()
        if name in settings.model_fields_set and getattr(settings, name) != value
    ]
