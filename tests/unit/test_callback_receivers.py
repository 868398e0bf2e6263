"""Credentials in the URLs of callbacks, and the headers that may be added to them."""

from __future__ import annotations

import base64

import pytest

from hinode import HinodeError
from hinode.core.webhooks.callback_headers import MAX_VALUE_LENGTH, check_name, check_value
from hinode.core.webhooks.receiver_urls import MAX_CREDENTIALS_LENGTH, split_credentials


@pytest.mark.parametrize(
    ("url", "plain", "pair"),
    [
        ("https://me:secret@a.example/hook?x=1", "https://a.example/hook?x=1", b"me:secret"),
        ("http://token@a.example:8080", "http://a.example:8080", b"token:"),
        ("HTTPS://me:p%40s%3As@a.example/", "HTTPS://a.example/", b"me:p@s:s"),
        ("https://me:p@ss@a.example/", "https://a.example/", b"me:p@ss"),
        ("https://\u00fc:\u4f60@a.example/", "https://a.example/", "\u00fc:\u4f60".encode()),
        ("https://me:a:b@[2001:db8::1]/", "https://[2001:db8::1]/", b"me:a:b"),
    ],
)
def test_credentials_become_a_header(url: str, plain: str, pair: bytes) -> None:
    found, header = split_credentials(url)

    assert found == plain
    assert header == f"Basic {base64.b64encode(pair).decode()}"


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/@home",
        "https://a.example/?to=me@b.example",
        "https://a.example#me@b.example",
        "https://a.example\\@b.example/",
        "https://me:a b@b.example/",
        "ftp://me:secret@a.example/",
        f"https://me:{'x' * MAX_CREDENTIALS_LENGTH}@a.example/",
    ],
)
def test_what_has_none_is_left_as_it_is(url: str) -> None:
    assert split_credentials(url) == (url, None)


@pytest.mark.parametrize("name", ["Authorization", "x-api-key", "X_Team", "a" * 64])
def test_a_header_is_kept_in_lower_case(name: str) -> None:
    assert check_name(name) == name.lower()


@pytest.mark.parametrize(
    "name",
    ["", "a" * 65, "two words", "a:b", "x\r\ny", "\u00fc", "Host", "Connection", "TE", "Trailer",
     "Transfer-Encoding", "Upgrade", "Keep-Alive", "Proxy-Authorization", "Content-Length",
     "content-type", "webhook-signature", "Webhook-Anything"],
)  # fmt: skip
def test_other_names_and_those_of_the_server_are_refused(name: str) -> None:
    with pytest.raises(HinodeError) as caught:
        check_name(name)

    assert caught.value.param == "name"


@pytest.mark.parametrize("value", ["x", "Bearer a b=", "~" * MAX_VALUE_LENGTH])
def test_a_printable_value_is_taken(value: str) -> None:
    check_value(value)


@pytest.mark.parametrize(
    "value", ["", " x", "x ", "a\nb", "a\x00b", "\u00fc", "~" * (MAX_VALUE_LENGTH + 1)]
)
def test_any_other_value_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(HinodeError) as caught:
        check_value(value)

    assert caught.value.param == "value"
    assert not value.strip() or value not in str(caught.value)
