"""E-mail addresses: valid ones in one form, and those that could pass for another refused."""

from __future__ import annotations

import pytest

from hinode.core.accounts.email_address import check_email, normalize_email
from hinode.core.errors import HinodeError


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("ＡＮＮ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"),
        ("ﬁona@example.com", "fiona@example.com"),
        ("山田taro@例え.jp", "山田taro@例え.jp"),
        ("иван@пример.рф", "иван@пример.рф"),
        ("ann.иван@example.com", "ann.иван@example.com"),
        ("x1-y_2+z@a-b.example", "x1-y_2+z@a-b.example"),
    ],
)
def test_an_address_has_one_form(given: str, normal: str) -> None:
    assert check_email(given) == normal
    assert normalize_email(normal) == normal


@pytest.mark.parametrize(
    "given",
    [
        "аnn@example.com",  # a Cyrillic а
        "ann@exαmple.com",  # a Greek α
        "paypaӏ@example.com",  # a Cyrillic palochka
    ],
)
def test_an_address_that_mixes_alphabets_is_refused(given: str) -> None:
    with pytest.raises(HinodeError) as caught:
        check_email(given)
    assert caught.value.param == "email"
    assert "alphabets" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "given", ["", "ann", "ann@", "@x", "a b@x.com", "a@x..com", "a" * 65 + "@x.com"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(HinodeError, match="not a valid"):
        check_email(given)
