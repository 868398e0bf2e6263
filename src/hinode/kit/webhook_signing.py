"""Sign webhooks by the Standard Webhooks specification (symmetric, v1).

The OpenAI SDK's ``client.webhooks.unwrap`` verifies the same: https://www.standardwebhooks.com.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook

PREFIX = "whsec_"
_BYTES = 32


def new_signing_secret() -> str:
    """Return ``whsec_`` and 32 random bytes in base64, which the SDK decodes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signing_hint(secret: str) -> str:
    """Return the part of a signing secret that is shown to tell secrets apart."""
    return f"{PREFIX}…{secret[-5:]}"


def signature_headers(
    message_id: str, at: datetime, body: str, signing_secrets: Sequence[str]
) -> dict[str, str]:
    """Return the three headers; one signature per secret, so that either verifies it."""
    signatures = [Webhook(secret).sign(message_id, at, body) for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
