"""The keys of one database: shared by its hosts, rotated while they run, bound to one secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hinode.core.auth.types import Caller
from hinode.core.cluster.key_cleanup import KeyCleanup
from hinode.core.cluster.keyring import ClusterKeySource, Keyring
from hinode.core.cluster.secret_check import open_keyring
from hinode.core.cluster.secret_service import SecretService
from hinode.core.cluster.types import ACTIVATION, KeyPurpose, SecretError
from hinode.core.webhooks.tables import callback_secrets
from hinode.core_builder import ENCRYPTED_COLUMNS
from hinode.kit.cluster_secret import SECRET_FILE, ClusterSecret, new_secret
from hinode.kit.jwt_keys import JwtKeys
from hinode.kit.secret_box import SecretBox
from hinode.kit.url_signing import UrlSigner
from hinode.services import Services
from hinode.testing.clock import FakeClock

LINKS, TOKENS = timedelta(hours=24), timedelta(days=10)
CLAIMS = {"iss": "home", "aud": ["us"], "sub": "somebody", "exp": 1}


class Host:
    """A host of the database, with its own copy of the keys in memory."""

    def __init__(self, services: Services, secret: ClusterSecret) -> None:
        self.keyring = Keyring(services.db, secret, services.clock)
        self.keyring.refresh()
        self.links = UrlSigner(ClusterKeySource(self.keyring, KeyPurpose.LINKS))
        self.tokens = JwtKeys(ClusterKeySource(self.keyring, KeyPurpose.TOKENS))
        self.box = SecretBox(ClusterKeySource(self.keyring, KeyPurpose.ENCRYPTION))
        self.cleanup = KeyCleanup(self.keyring, self.box, ENCRYPTED_COLUMNS)
        self.secrets = SecretService(
            self.keyring, {KeyPurpose.LINKS: LINKS, KeyPurpose.TOKENS: TOKENS}
        )

    def accepts(self, token: str) -> bool:
        return self.tokens.decode(token, issuer="home", audiences=["us"]) is not None


@pytest.fixture
def secret(services: Services) -> ClusterSecret:
    return services.keyring.secret


@pytest.fixture
def host(services: Services, secret: ClusterSecret) -> Host:
    return Host(services, secret)


def test_hosts_that_start_at_once_share_every_key(
    services: Services, secret: ClusterSecret
) -> None:
    hosts = [Host(services, secret) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda one: one.tokens.sign(CLAIMS), hosts))
        boxes = list(pool.map(lambda one: one.box.encrypt("whsec"), hosts))

    assert all(one.accepts(token) for one in hosts for token in tokens)
    assert {one.box.decrypt(text) for one in hosts for text in boxes} == {"whsec"}
    assert len({one.links.sign("/files/x", 1) for one in hosts}) == 1


def test_after_a_rotation_what_was_signed_holds_for_its_time_on_every_host(
    services: Services, host: Host, clock: FakeClock
) -> None:
    link, token, text = (
        host.links.sign("/files/x", 9),
        host.tokens.sign(CLAIMS),
        host.box.encrypt("whsec"),
    )
    host.secrets.rotate(at_once=False)
    slow, fresh = host, Host(services, host.keyring.secret)

    # Until every host has read the new keys, the old ones sign.
    assert fresh.links.sign("/files/x", 9) == link
    clock.advance(ACTIVATION)
    new_link, new_token = fresh.links.sign("/files/x", 9), fresh.tokens.sign(CLAIMS)
    slow.keyring.refresh()

    assert new_link != link
    for one in (slow, fresh):
        assert one.links.verify("/files/x", 9, link)
        assert one.links.verify("/files/x", 9, new_link)
        assert one.accepts(token)
        assert one.accepts(new_token)
        assert one.box.decrypt(text) == "whsec"
    clock.advance(LINKS)
    assert not fresh.links.verify("/files/x", 9, link)
    assert fresh.links.verify("/files/x", 9, new_link)
    assert fresh.accepts(token)
    clock.advance(TOKENS)
    assert not fresh.accepts(token)
    assert fresh.accepts(new_token)


def test_after_a_leak_old_links_and_tokens_end_at_once(services: Services, host: Host) -> None:
    link, token, text = (
        host.links.sign("/files/x", 9),
        host.tokens.sign(CLAIMS),
        host.box.encrypt("whsec"),
    )

    host.secrets.rotate(at_once=True)
    host.keyring.refresh()

    assert not host.links.verify("/files/x", 9, link)
    assert not host.accepts(token)
    assert host.box.decrypt(text) == "whsec"
    assert host.links.verify("/files/x", 9, host.links.sign("/files/x", 9))


def test_stored_secrets_are_encrypted_anew_and_the_old_key_goes(
    services: Services, caller: Caller, host: Host, clock: FakeClock
) -> None:
    with services.db.write() as conn:
        revealed = services.core.callbacks.secrets.reveal(conn, caller.account_id)
    host.keyring.refresh()
    (old,) = host.keyring.keys(KeyPurpose.ENCRYPTION)
    host.secrets.rotate(at_once=False)
    host.keyring.refresh()

    assert host.cleanup.run() == 0, "a slow process may still encrypt with the old key"
    clock.advance(timedelta(hours=2))
    assert host.cleanup.run() == 1

    host.keyring.refresh()
    assert old.id not in {one.id for one in host.keyring.keys(KeyPurpose.ENCRYPTION)}
    with services.db.read() as conn:
        stored = conn.scalar(sa.select(callback_secrets.c.secret)) or ""
    assert stored.startswith(host.box.prefix())
    assert host.box.decrypt(stored) == revealed
    assert host.cleanup.run() == 0


def test_keys_that_have_ended_are_deleted(host: Host, clock: FakeClock) -> None:
    host.tokens.sign(CLAIMS)
    host.secrets.rotate(at_once=False)
    assert len([one for one in host.secrets.stored_keys() if one.purpose is KeyPurpose.LINKS]) == 2

    clock.advance(ACTIVATION + TOKENS)
    host.cleanup.run()

    purposes = [one.purpose for one in host.secrets.stored_keys()]
    assert purposes.count(KeyPurpose.LINKS) == purposes.count(KeyPurpose.TOKENS) == 1


def test_a_secret_is_changed_host_by_host(services: Services, host: Host) -> None:
    link, token, text = (
        host.links.sign("/files/x", 9),
        host.tokens.sign(CLAIMS),
        host.box.encrypt("whsec"),
    )
    new = new_secret()

    host.secrets.change(new)

    restarted = Host(services, new)
    assert restarted.links.verify("/files/x", 9, link)
    assert restarted.accepts(token)
    assert restarted.box.decrypt(text) == "whsec"
    for one in (host, restarted):
        with pytest.raises(SecretError, match="being changed"):
            one.secrets.rotate(at_once=False)
    restarted.secrets.finish()
    # One that was forgotten goes on with what it has read, and adds nothing.
    host.keyring.refresh()
    assert host.links.verify("/files/x", 9, restarted.links.sign("/files/x", 9))
    assert restarted.secrets.secret_ids() == {new.id}


def test_a_host_with_another_secret_adds_no_key(services: Services) -> None:
    stranger = Host(services, new_secret())

    with pytest.raises(SecretError, match="ended"):
        stranger.tokens.sign(CLAIMS)


@pytest.mark.parametrize("has_file", [True, False])
def test_a_second_host_needs_the_secret_of_the_first(
    services: Services, tmp_path: Path, has_file: bool
) -> None:
    elsewhere = tmp_path / "elsewhere" / SECRET_FILE
    elsewhere.parent.mkdir()
    if has_file:
        elsewhere.write_text(new_secret().text)

    with pytest.raises(SecretError, match="HINODE_SECRET"):
        open_keyring(services.db, "", elsewhere, services.clock)

    given = services.keyring.secret.text
    opened = open_keyring(services.db, given, elsewhere, services.clock)
    assert opened.keys(KeyPurpose.LINKS) == services.keyring.keys(KeyPurpose.LINKS)
    assert elsewhere.exists() is has_file
