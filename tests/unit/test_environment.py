"""Settings from the environment's variables."""

from __future__ import annotations

import pytest
from pydantic_settings import SettingsError

from hinode import load_settings
from hinode.cli.error_messages import error_message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.8", ("10.0.0.8",)),
        ("10.0.0.8, 10.0.0.0/24,", ("10.0.0.8", "10.0.0.0/24")),
        (' ["10.0.0.8"]', ("10.0.0.8",)),
        ("", ()),
    ],
)
def test_a_list_is_json_or_has_commas(
    monkeypatch: pytest.MonkeyPatch, text: str, expected: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HINODE_ALLOW_HOSTS", text)

    assert load_settings().allow_hosts == expected


def test_a_list_within_a_table_has_commas_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HINODE_OIDC__SCOPES", "openid,email")

    assert load_settings().oidc.scopes == ("openid", "email")


@pytest.mark.parametrize(
    ("name", "text"), [("HINODE_TRUSTED_PROXIES", '["10.0.0.8"'), ("HINODE_MODELS", "mine")]
)
def test_what_is_no_json_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)

    with pytest.raises(SettingsError) as caught:
        load_settings()

    message = error_message(caught.value)
    assert message is not None
    assert message.startswith(f"{name} cannot be read")
    assert "\n" not in message
