"""Errors of the core: a code, a message and a hint; the dialects choose the HTTP status."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

JSONScalar = str | int | float | bool | None


class ErrorCode(StrEnum):
    """Error codes of the core's services; the error table of every dialect has all of them."""

    INVALID_KEY = "invalid_key"
    KEY_EXPIRED = "key_expired"
    KEY_DISABLED = "key_disabled"
    SCOPE_MISSING = "scope_missing"
    IP_NOT_ALLOWED = "ip_not_allowed"
    RATE_LIMITED = "rate_limited"
    SPEND_LIMIT = "spend_limit"
    TOO_MANY_JOBS = "too_many_jobs"
    MODEL_NOT_ALLOWED = "model_not_allowed"
    PRIORITY_NOT_ALLOWED = "priority_not_allowed"
    INVALID_VALUE = "invalid_value"
    MISSING_VALUE = "missing_value"
    UNSUPPORTED_VALUE = "unsupported_value"
    INVALID_IMAGE = "invalid_image"
    INVALID_CLIP = "invalid_clip"
    TOO_LARGE = "too_large"
    URL_NOT_ALLOWED = "url_refused"
    MODEL_NOT_FOUND = "model_not_found"
    BATCH_NOT_FOUND = "batch_not_found"
    BATCH_NOT_CANCELABLE = "batch_not_cancelable"
    JOB_NOT_FOUND = "job_not_found"
    CHARACTER_NOT_FOUND = "character_not_found"
    FILE_NOT_FOUND = "file_not_found"
    STORAGE_QUOTA = "storage_quota"
    ACCOUNT_NOT_FOUND = "account_not_found"
    KEY_NOT_FOUND = "key_not_found"
    WEBHOOK_NOT_FOUND = "webhook_not_found"
    WEBHOOK_UNREACHABLE = "webhook_unreachable"
    EVENT_NOT_FOUND = "event_not_found"
    NAME_TAKEN = "name_taken"
    NOT_READY = "not_ready"
    JOB_FAILED = "job_failed"
    EXPIRED = "expired"
    NOT_CANCELABLE = "not_cancelable"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    ACCESS_EXPIRED = "access_expired"
    ACCESS_REVOKED = "access_revoked"
    INVALID_CREDENTIALS = "login_refused"
    INVALID_GRANT = "grant_refused"
    INVITE_INVALID = "invite_invalid"
    NOT_ACTIVATED = "not_activated"
    COUNTRY_UNSUPPORTED = "country_unsupported"
    PLAN_REQUIRED = "plan_required"
    QUOTA_EXHAUSTED = "quota_exhausted"
    CONTENT_BLOCKED = "moderation_blocked"
    MODERATION_UNAVAILABLE = "moderation_unavailable"
    OVERLOADED = "overloaded"
    NO_WORKER = "no_worker"
    PROFILE_NOT_FOUND = "profile_not_found"
    POST_NOT_FOUND = "post_not_found"
    UPSTREAM_NOT_FOUND = "upstream_not_found"


class HinodeError(Exception):
    """An error that the caller can act on.

    ``param`` is the core's name of the field at fault, or None; ``message`` states the rule and
    ``hint`` the remedy. ``retry_after`` is 1 to 120 whole seconds until a retry is worth it, or
    None. ``details`` are values for programs, sent by dialects whose error object has fields for
    them.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        param: str | None = None,
        hint: str = "",
        retry_after: int | None = None,
        details: Mapping[str, JSONScalar] | None = None,
    ) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.param = param
        self.hint = hint
        self.retry_after = retry_after
        self.details = dict(details or {})
