"""The web app's page and files, as a browser loads them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from urllib.parse import urljoin

import brotli
import httpx
import pytest

from hinode.testing.server import LiveServer
from tests.support import patient

PLACES = ("/app", "/app/", "/app/login", "/app/studio/videos/video_1", "/app//studio/")


@pytest.fixture
def http(idle: LiveServer) -> Iterator[httpx.Client]:
    with patient.Client(base_url=idle.url, timeout=10.0) as client:
        yield client


def assets_of(page: httpx.Response) -> list[str]:
    """The absolute paths of what a page loads."""
    found = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    return [httpx.URL(urljoin(str(page.url), one)).path for one in found]


@pytest.mark.our_choice
def test_a_browser_at_the_root_is_led_to_the_studio(http: httpx.Client) -> None:
    led = http.get("/", headers={"accept": "text/html,application/xhtml+xml"})

    assert led.status_code == 302
    assert urljoin("https://host/prefix/", led.headers["location"]) == (
        "https://host/prefix/app/studio"
    )
    program = http.get("/", headers={"accept": "text/html", "authorization": "Bearer sk-1"})
    assert program.json()["error"]["code"] == "unknown_url"


@pytest.mark.our_choice
def test_every_address_of_the_app_is_the_page_and_loads_the_same_files(http: httpx.Client) -> None:
    pages = [http.get(place) for place in PLACES]

    assert {page.status_code for page in pages} == {200}
    assert len({tuple(assets_of(page)) for page in pages}) == 1
    for path in assets_of(pages[0]):
        assert path.startswith("/app/assets/")
        assert http.get(path).status_code == 200


@pytest.mark.our_choice
def test_the_page_is_kept_nowhere_and_takes_nothing_from_elsewhere(http: httpx.Client) -> None:
    first, second = http.get("/app/studio"), http.get("/app/studio")

    policies = [page.headers["content-security-policy"] for page in (first, second)]
    nonces = [re.findall(r"'nonce-([\w-]{16,})'", policy) for policy in policies]
    assert nonces[0] != nonces[1]
    assert f'content="{nonces[0][0]}"' in first.text
    assert "default-src 'none'; script-src 'self';" in policies[0]
    assert "unsafe" not in policies[0]
    assert "http" not in policies[0]
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', first.text))
    assert first.headers["cache-control"] == "no-store"
    assert first.headers["x-frame-options"] == "DENY"
    assert first.headers["referrer-policy"] == "no-referrer"


@pytest.mark.our_choice
def test_files_come_compressed_as_the_client_accepts_and_are_kept_for_good(
    http: httpx.Client,
) -> None:
    path = next(path for path in assets_of(http.get("/app")) if path.endswith(".js"))

    def fetched(accept: str) -> tuple[str | None, bytes]:
        with http.stream("GET", path, headers={"accept-encoding": accept}) as answer:
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["content-type"].startswith("text/javascript")
            return answer.headers.get("content-encoding"), b"".join(answer.iter_raw())

    plain = fetched("identity")
    best, older = fetched("gzip, deflate, br;q=0.9"), fetched("gzip;q=1, br;q=0")
    assert (plain[0], best[0], older[0]) == (None, "br", "gzip")
    assert brotli.decompress(best[1]) == gzip.decompress(older[1]) == plain[1]


@pytest.mark.our_choice
@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2findex.html", "a%2fb.js"])
def test_other_files_are_not_served(http: httpx.Client, name: str) -> None:
    assert http.get(f"/app/assets/{name}").status_code == 404
