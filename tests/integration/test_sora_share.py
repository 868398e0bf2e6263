"""The share page: what anybody with the link sees, in a browser and in a preview of the link."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from hinode.api.sora.posts.share.translations import CHINESE, ENGLISH, negotiate_translation
from hinode.core.accounts.types import Plan
from hinode.kit.ids import encode_id, new_id
from hinode.media.types import ArtifactRole, DigitalSourceType
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.posts import FILM, MARKED, Person, open_gallery, person

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """The elements of a page, and whether each one that is opened is closed again."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(answer.text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]] = self.texts.get(self._open[-1], "") + data

    def one(self, tag: str) -> dict[str, str]:
        (found,) = [attrs for name, attrs in self.elements if name == tag]
        return found

    def meta(self) -> dict[str, str]:
        named = [attrs for tag, attrs in self.elements if tag == "meta" and "content" in attrs]
        return {one.get("property") or one["name"]: one["content"] for one in named}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    data = tmp_path_factory.mktemp("share")
    with open_gallery(data, f"sqlite:///{data / 'hinode.db'}") as opened:
        yield opened


@pytest.fixture
def author(server: LiveServer, tmp_path: Path) -> Iterator[Person]:
    with person(server, tmp_path) as one:
        yield one


def shown(post: dict[str, Any], **headers: str) -> httpx.Response:
    answer = patient.get(post["permalink"], headers=headers)
    assert answer.status_code == 200
    return answer


def test_anybody_sees_a_published_video(author: Person) -> None:
    post = author.posted("Sunrise\nover the harbour")

    answer = shown(post)

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer)
    assert page.one("html")["lang"] == "en"
    assert page.texts["title"] == "Sunrise"
    assert page.texts["h1"] == "Sunrise\nover the harbour"
    assert (
        page.texts["b"]
        == author.http.get("/project_y/profile_feed/me").json()["items"][0]["profile"][
            "display_name"
        ]
    )
    video = page.one("video")
    assert {"controls", "playsinline"} <= set(video)
    film = patient.get(urljoin(post["permalink"], video["src"]), headers={"range": "bytes=4-7"})
    assert (film.status_code, film.content) == (206, b"ftyp")
    assert patient.get(urljoin(post["permalink"], video["poster"])).status_code == 200
    download = page.one("a")
    assert download["download"] == f"{post['id']}.mp4"
    assert patient.get(urljoin(post["permalink"], download["href"])).content == FILM


def test_the_links_of_a_page_stay_good_for_those_who_keep_them(author: Person) -> None:
    post = author.posted("Sunrise")
    cards = Page(shown(post)).meta()
    attachment = post["attachments"][0]

    assert cards["og:url"] == post["permalink"]
    assert (cards["og:title"], cards["og:type"]) == ("Sunrise", "video.other")
    assert cards["og:video:type"] == "video/mp4"
    size = (cards["og:video:width"], cards["og:video:height"])
    assert size == (str(attachment["width"]), str(attachment["height"]))
    assert cards["video:duration"] == "4"
    assert cards["twitter:image"] == cards["og:image"]
    assert cards["og:video"] == f"{post['permalink']}/video.mp4"
    film = patient.get(cards["og:video"], follow_redirects=True)
    still = patient.get(cards["og:image"], follow_redirects=True)
    assert (film.content, film.headers["content-type"]) == (FILM, "video/mp4")
    assert still.headers["content-type"] == cards["og:image:type"]
    assert patient.head(cards["og:video"], follow_redirects=True).status_code == 200
    assert patient.head(cards["og:image"], follow_redirects=True).status_code == 200


EVIL = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>$style${meta}&lt;"


def test_what_people_wrote_cannot_become_a_part_of_the_page(author: Person) -> None:
    services = author.server.services
    post = author.posted(EVIL)
    plain = [tag for tag, _ in Page(shown(author.posted("plain"))).elements]
    with services.db.write() as conn:
        conn.exec_driver_sql("UPDATE profiles SET display_name = ?", (EVIL[:80],))

    page = Page(shown(post))

    assert [tag for tag, _ in page.elements] == plain
    assert page.texts["h1"] == EVIL
    assert page.texts["b"] == EVIL[:80]
    assert page.meta()["description"] == EVIL
    assert not [name for _, attrs in page.elements for name in attrs if name.startswith("on")]


def test_nothing_runs_and_nothing_is_loaded_from_elsewhere(author: Person) -> None:
    answer = shown(author.posted())

    policy = answer.headers["content-security-policy"]
    style = Page(answer).texts["style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy
    page = Page(answer)
    assert {tag for tag, _ in page.elements} & {"script", "iframe", "object", "base"} == set()
    loaded = [page.one("video")["src"], page.one("video")["poster"], page.one("a")["href"]]
    assert all(url.startswith("../files/") for url in loaded)
    assert "url(" not in style
    assert "@import" not in style
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


def test_a_post_without_words_names_its_author(author: Person) -> None:
    page = Page(shown(author.posted("  \n ")))

    assert page.texts["h1"] == f"A video by {page.texts['b']}"


def test_chinese_readers_are_answered_in_chinese(author: Person) -> None:
    post = author.posted()

    answer = shown(post, **{"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"})

    page = Page(answer)
    assert page.one("html")["lang"] == "zh-Hans"
    assert page.texts["a"] == "下载"
    assert page.texts["h1"].endswith("的视频")
    assert "accept-language" in answer.headers["vary"].lower()


@pytest.mark.parametrize(
    ("header", "chinese"),
    [
        ("", False),
        ("zh", True),
        ("zh-Hant-TW", True),
        ("en-US,zh;q=0.9", False),
        ("fr,zh;q=0.5,en;q=0.4", True),
        ("en;q=0.1, ZH ;q=0.2", True),
        ("zh;q=0,en;q=0.1", False),
        ("zh;q=x", False),
        (";;,,;q=", False),
        ("fr", False),
    ],
)
def test_the_language_is_the_readers_first_that_we_have(header: str, chinese: bool) -> None:
    assert negotiate_translation(header) is (CHINESE if chinese else ENGLISH)


def test_views_are_openings_of_the_page(author: Person) -> None:
    post = author.posted()
    page = shown(post)
    shown(post)
    src = urljoin(post["permalink"], Page(page).one("video")["src"])
    for start in (0, 100):
        patient.get(src, headers={"range": f"bytes={start}-"})
    assert patient.head(post["permalink"]).status_code == 200
    patient.get(f"{post['permalink']}/video.mp4")

    api = author.http.get(f"/project_y/post/{post['id']}").json()["post"]

    assert api["view_count"] == 2
    assert re.search(r"3 views", shown(post).text)


def test_what_is_not_there_is_said_kindly(author: Person) -> None:
    post = author.posted("Hello")
    author.http.delete(f"/project_y/post/{post['id']}")
    base = author.server.url

    unknown = (encode_id("s_", new_id()), "s_", "x", "s_%3Cscript%3E")
    for name in (post["id"], *unknown):
        for suffix in ("", "/video.mp4", "/poster"):
            answer = patient.get(f"{base}/p/{name}{suffix}", headers={"accept-language": "zh"})
            assert answer.status_code == 404
            assert Page(answer).texts["h1"] == "这里没有这个视频"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert patient.head(f"{base}/p/{name}{suffix}").status_code == 404


def test_a_video_without_a_picture_has_a_page_too(author: Person) -> None:
    post = author.posted()
    services = author.server.services
    with services.db.write() as conn:
        conn.exec_driver_sql("DELETE FROM assets WHERE role = ?", (ArtifactRole.THUMBNAIL.value,))

    page = Page(shown(post))

    assert "poster" not in page.one("video")
    assert "og:image" not in page.meta()
    assert patient.get(f"{post['permalink']}/poster").status_code == 404


@pytest.mark.parametrize(("plan", "film"), [(Plan.FREE, MARKED), (Plan.PRO, FILM)])
def test_the_plan_of_the_author_says_which_file_is_shown(
    server: LiveServer, tmp_path: Path, plan: Plan, film: bytes
) -> None:
    with person(server, tmp_path, plan=plan) as author:
        post = author.publish(author.film(marked_too=True)).json()["post"]

    (attachment,) = post["attachments"]
    urls = attachment["download_urls"]
    assert (urls["no_watermark"] is None) == (plan is Plan.FREE)
    assert patient.get(urls["watermark"]).content == MARKED
    assert patient.get(attachment["url"]).content == film
    src = urljoin(post["permalink"], Page(shown(post)).one("video")["src"])
    assert patient.get(src).content == film
    kept = patient.get(f"{post['permalink']}/video.mp4", follow_redirects=True)
    assert kept.content == film


def test_previews_name_the_public_address_and_the_page_its_own(tmp_path: Path) -> None:
    public = "https://films.example"
    database = f"sqlite:///{tmp_path / 'hinode.db'}"
    with (
        open_gallery(tmp_path, database, public_url=public) as server,
        person(server, tmp_path) as author,
    ):
        post = author.posted()
        page = Page(patient.get(f"{server.url}/p/{post['id']}"))

    assert post["permalink"] == f"{public}/p/{post['id']}"
    cards = page.meta()
    assert cards["og:url"] == post["permalink"]
    assert cards["og:video"] == cards["og:video:secure_url"] == f"{post['permalink']}/video.mp4"
    assert page.one("video")["src"].startswith("../files/")


@pytest.mark.parametrize(
    ("origin", "english", "chinese"),
    [
        (DigitalSourceType.ALGORITHM, "Not made by an AI model: a program", "并非 AI 模型生成"),
        (DigitalSourceType.TRAINED, "AI-generated: an AI model, sora-2,", "AI 模型 sora-2 生成"),
        (None, "was not recorded", "没有记录"),
    ],
)
def test_the_page_says_what_made_the_video(
    author: Person, origin: DigitalSourceType | None, english: str, chinese: str
) -> None:
    post = author.publish(author.film(origin=origin)).json()["post"]

    for language, said in (("en", english), ("zh", chinese)):
        page = Page(shown(post, **{"accept-language": language}))
        assert ("p", {"class": "origin"}) in page.elements
        assert said in page.texts["p"]
