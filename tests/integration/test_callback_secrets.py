"""The secret of an account's callbacks: one, whoever asks first, and readable with its key only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from hinode import ErrorCode, HinodeError, Services
from hinode.core.auth.types import Caller
from hinode.core.webhooks.callback_secrets import CallbackSecrets
from hinode.core.webhooks.tables import callback_secrets
from hinode.kit.named_keys import FixedKeys
from hinode.kit.secret_box import SecretBox
from hinode.testing.clock import FakeClock


def test_all_who_ask_at_once_get_the_same_secret(services: Services, caller: Caller) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: services.core.callbacks.secret(caller), range(16)))

    assert len(set(found)) == 1
    assert found[0].startswith("whsec_")
    assert services.core.callbacks.secret_of("admin") == found[0]


def test_it_is_stored_sealed(services: Services, caller: Caller) -> None:
    secret = services.core.callbacks.secret(caller)

    with services.db.read() as conn:
        stored = conn.scalar(sa.select(callback_secrets.c.secret))

    assert stored
    assert secret not in stored


def test_with_another_encryption_key_it_is_not_shown(services: Services, caller: Caller) -> None:
    services.core.callbacks.secret(caller)
    stranger = CallbackSecrets(SecretBox(FixedKeys.of(Fernet.generate_key())), services.clock)
    service = replace(services.core.callbacks, secrets=stranger)

    with pytest.raises(HinodeError) as caught:
        service.secret(caller)

    assert caught.value.code is ErrorCode.WEBHOOK_UNREACHABLE


def test_an_unknown_account_has_none(services: Services) -> None:
    with pytest.raises(HinodeError) as caught:
        services.core.callbacks.secret_of("nobody")

    assert caught.value.code is ErrorCode.ACCOUNT_NOT_FOUND


def test_of_two_rotations_at_once_neither_is_lost(services: Services, caller: Caller) -> None:
    with ThreadPoolExecutor(2) as threads:
        made = [
            one.secret
            for one in threads.map(lambda _: services.core.callbacks.rotate(caller), "ab")
        ]

    assert set(signing(services, caller)) == set(made)
    assert services.core.callbacks.secret(caller) in made


def test_the_old_secret_signs_beside_the_new_one_for_a_day(
    services: Services, caller: Caller, clock: FakeClock
) -> None:
    old = services.core.callbacks.secret(caller)

    rotated = services.core.callbacks.rotate_of("admin")

    assert rotated.old_until == clock.now() + timedelta(hours=24)
    assert services.core.callbacks.secret(caller) == rotated.secret != old
    clock.advance(timedelta(hours=23, minutes=59))
    assert signing(services, caller) == [rotated.secret, old]
    clock.advance(timedelta(minutes=1))
    assert signing(services, caller) == [rotated.secret]


def signing(services: Services, caller: Caller) -> list[str]:
    secrets = services.core.callbacks.secrets
    with services.db.read() as conn:
        return [
            secrets.secret_box.decrypt(one)
            for one in secrets.encrypted_secrets(conn, caller.account_id)
        ]
