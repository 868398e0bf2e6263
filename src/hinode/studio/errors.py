"""The errors of the studio: a code, a message, a hint, and never an HTTP status."""

from __future__ import annotations

from enum import StrEnum


class ErrorCode(StrEnum):
    """Every way in which a studio verb can refuse; each dialect maps all of them."""

    INVALID_KEY = "invalid_key"
    KEY_EXPIRED = "key_expired"
    SCOPE_MISSING = "scope_missing"
    INVALID_VALUE = "invalid_value"
    MISSING_VALUE = "missing_value"
    UNSUPPORTED_VALUE = "unsupported_value"
    INVALID_IMAGE = "invalid_image"
    INVALID_CLIP = "invalid_clip"
    TOO_LARGE = "too_large"
    URL_REFUSED = "url_refused"
    MODEL_NOT_FOUND = "model_not_found"
    JOB_NOT_FOUND = "job_not_found"
    CHARACTER_NOT_FOUND = "character_not_found"
    FILE_NOT_FOUND = "file_not_found"
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


class StudioError(Exception):
    """A refusal that the caller can act on.

    ``param`` names the field in the studio's words, or is None; ``message`` says the rule and
    ``hint`` what would do.
    """

    def __init__(
        self, code: ErrorCode, message: str, *, param: str | None = None, hint: str = ""
    ) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.param = param
        self.hint = hint
