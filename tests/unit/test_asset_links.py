"""Links that work without a key: ours only, whole, and for a day."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from hinode.api.request_errors import RequestError, RequestErrorCode
from hinode.api.signed_urls import PREFIX, SignedUrls, forgive_mark, is_signed_path
from hinode.kit.ids import new_id
from hinode.kit.named_keys import FixedKeys, NamedKey
from hinode.kit.url_signing import UrlSigner
from hinode.media.types import ArtifactRole
from hinode.testing.clock import FakeClock
from tests.support.clock import suite_clock

JOB = new_id()


def request_to(host: str, root_path: str = "") -> Request:
    headers = [(b"host", host.encode())]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "https",
            "path": f"{root_path}/v1/chat/completions",
            "root_path": root_path,
            "query_string": b"",
            "headers": headers,
        }
    )


def links(clock: FakeClock, public_url: str = "") -> SignedUrls:
    return SignedUrls(UrlSigner(FixedKeys.of(b"k" * 32)), public_url, clock)


def check(made: SignedUrls, url: str) -> None:
    _, _, proof, name = urlsplit(url).path.split("/", 3)
    signature, _, expires = proof.partition(".")
    made.check(PREFIX, name, signature, expires)


def test_a_link_has_the_base_of_the_request_and_is_good_for_a_day() -> None:
    clock = suite_clock()
    made = links(clock)
    end = clock.now() + timedelta(days=1)

    url = made.url(request_to("video.example"), JOB, 1, ArtifactRole.VIDEO, suffix=".mp4")

    assert re.fullmatch(
        rf"https://video\.example/files/[0-9a-f]{{32}}\.[0-9a-f]{{8}}/{JOB.hex}/1/video\.mp4", url
    )
    clock.advance(timedelta(hours=23, minutes=59))
    check(made, url)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(RequestError, match=f"expired at {end:%Y-%m-%d %H:%M} UTC") as raised:
        check(made, url)
    assert raised.value.code is RequestErrorCode.LINK_EXPIRED


def test_the_base_follows_a_mount_point_and_the_setting_wins() -> None:
    request = request_to("video.example", "/studio")

    assert (
        links(suite_clock())
        .url(request, JOB, 0, ArtifactRole.VIDEO)
        .startswith("https://video.example/studio/files/")
    )
    assert (
        links(suite_clock(), "https://cdn.example/x/")
        .url(request, JOB, 0, ArtifactRole.VIDEO)
        .startswith("https://cdn.example/x/files/")
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"/0/", "/1/"),
        ("video$", "thumbnail"),
        (r"\.([0-9a-f]{8})/", r".f\1/"),
        (r"\.([0-9a-f]{8})/", r".0\1/"),
        (r"\.([0-9a-f]{8})/", ".x/"),
        (r"\.([0-9a-f]{8})/", "./"),
        (r"\.([0-9a-f]{8})/", "/"),
        (r"files/[0-9a-f]", "files/x"),
        (r"files/[0-9a-f]", "files/"),
        (r"files/[0-9a-f]", "files/é\udcff"),
        (r"files/[0-9a-f]{32}", "files/"),
    ],
)
def test_what_was_changed_is_refused(old: str, new: str) -> None:
    made = links(suite_clock())
    url = made.url(request_to("video.example"), JOB, 0, ArtifactRole.VIDEO)
    changed = re.sub(old, new, url, count=1)
    assert changed != url

    with pytest.raises(RequestError) as raised:
        check(made, changed)

    assert raised.value.code is RequestErrorCode.LINK_BROKEN


@pytest.mark.parametrize("mark", ["'", ")", '"'])
def test_one_mark_at_the_end_is_forgiven(mark: str) -> None:
    assert forgive_mark(f"video.mp4{mark}") == "video.mp4"
    assert forgive_mark(f"video.mp4{mark}{mark}") == f"video.mp4{mark}"
    for name in ("video.mp4", f"{mark}video.mp4", "video.mp4.", "video.mp4]", ""):
        assert forgive_mark(name) == name


@pytest.mark.parametrize(
    ("path", "signed"),
    [
        ("/files/anything", True),
        ("/portraits/a/b", True),
        (f"/studio/files/{'a' * 32}.692aafd0/x.png", True),
        (f"/{'a' * 32}.692aafd0", True),
        ("/v1/files/file-1", False),
        ("/v1/videos/files/", False),
        ("/files", False),
        (f"/v1/videos/video_{'a' * 32}", False),
    ],
)
def test_paths_of_links_are_told_from_others(path: str, signed: bool) -> None:
    assert is_signed_path(path) is signed


def test_after_a_rotation_old_signatures_hold_and_new_ones_are_of_the_new_key() -> None:
    old, new = NamedKey("a", b"a" * 32), NamedKey("b", b"b" * 32)
    before = UrlSigner(FixedKeys((old,))).sign("/files/x", 1)

    both, after = UrlSigner(FixedKeys((new, old))), UrlSigner(FixedKeys((new,)))

    assert both.sign("/files/x", 1) == after.sign("/files/x", 1) != before
    assert both.verify("/files/x", 1, before)
    assert not after.verify("/files/x", 1, before)
