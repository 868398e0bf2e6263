"""The URLs of proxies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hinode import load_settings
from hinode.cli.error_messages import error_message
from hinode.kit.proxy import RULE, Proxy


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("http://proxy", Proxy("http", "proxy", 80)),
        ("https://proxy/", Proxy("https", "proxy", 443)),
        ("socks5://10.0.0.1", Proxy("socks5", "10.0.0.1", 1080)),
        ("socks5h://[::1]:9", Proxy("socks5", "::1", 9)),
        ("http://me:p%40ss@proxy:3128", Proxy("http", "proxy", 3128, "me", "p@ss")),
    ],
)
def test_a_proxy_is_read(text: str, parsed: Proxy) -> None:
    assert Proxy.parse(text) == parsed
    assert Proxy.parse(parsed.url) == parsed


def test_credentials_are_not_shown() -> None:
    proxy = Proxy.parse("socks5://me:hush@[::1]:9")

    assert str(proxy) == "socks5://[::1]:9"
    assert "hush" not in repr(proxy)


@pytest.mark.parametrize(
    "text",
    ["proxy:3128", "ftp://me:hush@proxy", "socks4://proxy", "http://", "http://proxy/path?q=hush",
     "http://proxy:99999", "http://[::1", "http://proxy/?hush"],
)  # fmt: skip
@pytest.mark.parametrize("place", ["", "[text_model]\n", "[engines.gpu]\n"])
def test_what_is_no_proxy_is_one_line_without_the_url(
    tmp_path: Path, text: str, place: str
) -> None:
    rest = 'kind = "openai"\nurl = "http://gpu"\norigin = "trained"' if "gpu" in place else ""
    (tmp_path / "hinode.toml").write_text(f'{place}proxy = "{text}"\n{rest}')

    with pytest.raises(ValidationError) as caught:
        load_settings(data=tmp_path)

    message = error_message(caught.value) or ""
    assert RULE in message
    assert "hush" not in message


def test_the_settings_do_not_show_credentials(tmp_path: Path) -> None:
    settings = load_settings(data=tmp_path, proxy="http://me:hush@proxy:3128")

    assert "hush" not in repr(settings)
