"""The parts of webhooks that need no database: when, what, and under which signature."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from hinode.core.webhooks.payload import event_body
from hinode.core.webhooks.retry_schedule import MAX_RETRY_AFTER, STANDARD, RetrySchedule
from hinode.core.webhooks.types import EventType
from hinode.kit.addresses import AllowList
from hinode.kit.cluster_secret import create_secret, new_secret
from hinode.kit.ids import to_video_id
from hinode.kit.key_file import InvalidKeyFile
from hinode.kit.named_keys import FixedKeys, NamedKey
from hinode.kit.redaction import redact_secrets
from hinode.kit.safe_fetch import FetchError
from hinode.kit.safe_post import check_target
from hinode.kit.secret_box import DecryptionError, SecretBox, new_encryption_key
from hinode.kit.webhook_signing import new_signing_secret, signature_headers, signing_hint

ID = UUID("0199a1b2c3d47e5f8a9b0c1d2e3f4a5b")


def test_the_schedule_is_the_standards_and_lasts_about_three_days() -> None:
    exact = RetrySchedule(jitter=0.0)

    waits = [exact.retry_delay(number, None) for number in range(1, len(STANDARD))]

    assert waits == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert exact.retry_delay(len(STANDARD), None) is None
    assert 75 <= sum(STANDARD) / 3600 <= 77


@given(
    number=st.integers(1, len(STANDARD) - 1),
    retry_after=st.none() | st.floats(0, 1e9, allow_nan=False),
)
def test_a_wait_is_near_the_schedule_or_as_long_as_asked(
    number: int, retry_after: float | None
) -> None:
    wait = RetrySchedule().retry_delay(number, retry_after)

    assert wait is not None
    assert wait >= STANDARD[number] * 0.9
    assert wait >= min(retry_after or 0.0, MAX_RETRY_AFTER)
    assert wait <= max(STANDARD[number] * 1.1, min(retry_after or 0.0, MAX_RETRY_AFTER))


def test_jitter_spreads_the_retries_of_many() -> None:
    waits = {RetrySchedule().retry_delay(2, None) for _ in range(50)}

    assert len(waits) > 40


def test_the_payload_has_the_documented_keys_in_their_order() -> None:
    at = datetime(2026, 11, 21, 12, 0, 0, 999_999, tzinfo=UTC)

    body = event_body(ID, EventType.VIDEO_COMPLETED, to_video_id(ID), at)

    assert body == (
        '{"id":"evt_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b","object":"event","created_at":1795262400,'
        '"type":"video.completed","data":{"id":"video_0199a1b2c3d47e5f8a9b0c1d2e3f4a5b"}}'
    )
    assert json.loads(body)["created_at"] == int(at.timestamp())


def test_a_message_signed_with_two_secrets_opens_with_either_and_no_other() -> None:
    old, new = new_signing_secret(), new_signing_secret()

    headers = signature_headers("evt_1", datetime.now(UTC), '{"a":"ä"}', [new, old])

    for secret in (old, new):
        assert Webhook(secret).verify('{"a":"ä"}', headers) == {"a": "ä"}
    for secret, body in ((new_signing_secret(), '{"a":"ä"}'), (old, '{"a":"a"}')):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, headers)


def test_secrets_are_hidden_in_logs_and_hinted_at_elsewhere() -> None:
    secret = new_signing_secret()

    event = redact_secrets(None, "info", {"event": f"signed with {secret}"})

    assert secret[6:] not in event["event"]
    assert secret[6:-5] not in signing_hint(secret)


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_secret(path), range(8)))

    assert len(set(made)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    assert made[0].decrypt(made[1].encrypt("a key")) == "a key"
    with pytest.raises(DecryptionError):
        new_secret().decrypt(made[0].encrypt("a key"))
    path.write_text("no key")
    with pytest.raises(InvalidKeyFile, match="holds no key"):
        create_secret(path)


def test_keys_before_open_what_they_encrypted_and_other_keys_nothing() -> None:
    old, new = (NamedKey(name, new_encryption_key()) for name in ("old", "new"))
    encrypted = SecretBox(FixedKeys((old,))).encrypt("whsec_x")

    both = SecretBox(FixedKeys((new, old)))

    assert both.decrypt(encrypted) == "whsec_x"
    assert both.encrypt("whsec_x").startswith(both.prefix())
    for stranger in (FixedKeys((new,)), FixedKeys((NamedKey("old", new.secret),))):
        with pytest.raises(DecryptionError):
            SecretBox(stranger).decrypt(encrypted)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://10.0.0.1:8080/x",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1]/",
        "ftp://example.com/",
        "https://user@example.com/",
        "example.com/hook",
    ],
)
def test_urls_that_can_be_seen_to_lead_nowhere_good_are_refused(url: str) -> None:
    with pytest.raises(FetchError):
        check_target(url, AllowList())


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.com/hook?a=b", ()),
        ("http://93.184.216.34/", ()),
        ("http://10.1.2.3:5678/webhook", ("10.0.0.0/8",)),
        ("http://127.0.0.1:5678/", ("127.0.0.1:5678",)),
        ("https://127.0.0.1/", ("127.0.0.1:443",)),
    ],
)
def test_public_and_allowed_targets_pass(url: str, allowed: tuple[str, ...]) -> None:
    check_target(url, AllowList.parse(allowed))
