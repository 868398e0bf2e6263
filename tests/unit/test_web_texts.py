"""The texts of the web app: each is in both languages, with the same places for values."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

TEXTS = Path(__file__).parents[2] / "web" / "src" / "i18n"
NAMES = ("common", "studio", "console")
# English has two forms of a number's words, Chinese has one.
_PLURAL = re.compile(r"_(zero|one|other)$")


def flat(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {path: value}
    return {
        key: text
        for name, below in value.items()
        for key, text in flat(below, f"{path}.{name}").items()
    }


def texts(language: str, name: str) -> dict[str, str]:
    return flat(json.loads((TEXTS / language / f"{name}.json").read_text()))


def values_in(text: str) -> set[str]:
    return set(re.findall(r"{{(\w+)}}", text))


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_in_both_languages(name: str) -> None:
    english, chinese = texts("en", name), texts("zh", name)

    keys = [{_PLURAL.sub("", key) for key in one} for one in (english, chinese)]
    assert keys[0] == keys[1]
    assert all(text.strip() for text in (*english.values(), *chinese.values()))


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_values(name: str) -> None:
    english = texts("en", name)

    for key, text in texts("zh", name).items():
        assert values_in(text) == values_in(english[key]), key
        assert re.search("[\u4e00-\u9fff]", text) or text in _ALIKE, key


_ALIKE = {"Webhook"}
"""Words that are the same in both."""
