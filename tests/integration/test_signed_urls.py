"""Signed URLs as clients cut them out of answers: whole by any expression, private, never told."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs

from hinode.core.auth.types import DEFAULT_SCOPES, Scope
from hinode.core.jobs.service import JobService
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.chat import PATH, asking, events_of, joined, links_in, said
from tests.support.live import open_live
from tests.support.openai import refused
from tests.support.signed_urls import proof_of, with_proof

pytestmark = pytest.mark.our_choice

ANY = (
    r"https?://[^\s\)]+",
    r"https?://[^\s\"<>]+",
    r"https?://[^\s'\"<>)]+",
    r"https?://[^\s<>\"']+",
    r"https?://[\w\-./:]+",
    r"\]\((https?://[^)]+)\)",
)
VIDEO = (
    *ANY,
    r"https?://[^\s\)]+\.mp4",
    r"https?://\S+\.mp4",
    r"https?://\S+?\.mp4",
    r"https?://[^\s\"'<>]+\.(?:mp4|webm|mov)",
    r"<video[^>]*\ssrc=['\"]([^'\"]+)['\"]",
    r"(https?://[^\s'\"]+\.mp4)\b",
)
PICTURE = (
    *ANY,
    r"https?://[^\s\)]+\.(?:png|jpg)",
    r"https?://\S+\.(?:png|jpe?g|webp|gif)",
    r"!\[[^\]]*\]\((https?://[^\s)]+)\)",
)
CUT = [("sora_video2", one) for one in VIDEO] + [("sora_image", one) for one in PICTURE]
STARTS = {"sora_video2": (4, b"ftyp"), "sora_image": (0, b"\x89PNG")}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder: Path = tmp_path_factory.mktemp("signed")
    with open_live(folder, workers=True) as server:
        yield server


@pytest.fixture(scope="module")
def api(live: LiveServer) -> Iterator[httpx.Client]:
    headers = {"authorization": live.new_key("chatter", DEFAULT_SCOPES | {Scope.TEST})}
    with patient.Client(base_url=f"{live.url}/v1", headers=headers, timeout=60.0) as client:
        yield client


@pytest.fixture(scope="module")
def texts(api: httpx.Client) -> dict[str, str]:
    """What a whole answer and a streamed one say, by model."""
    return {model: said(api.post(PATH, json=asking("a fox", model))) for model in STARTS}


@pytest.fixture(scope="module")
def link(texts: dict[str, str]) -> str:
    return links_in(texts["sora_video2"])[0]


def raw(link: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Ask for a link as it stands: HTTP libraries would encode a quotation mark."""
    parts = urlsplit(link)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.putrequest(method, parts.path)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(("model", "expression"), CUT)
def test_what_an_expression_cuts_out_of_an_answer_is_a_link(
    texts: dict[str, str], model: str, expression: str
) -> None:
    offset, start = STARTS[model]

    found = re.findall(expression, texts[model])

    assert found
    for one in found:
        status, _, data = raw(one)
        assert (status, data[offset : offset + 4]) == (200, start), one


def test_links_of_streams_and_lists_are_cut_alike(api: httpx.Client) -> None:
    body = asking("a fox", "sora_video2", stream=True)
    with api.stream("POST", PATH, json=body) as answer:
        streamed = joined(events_of(answer.iter_lines()), "content")
    picture = api.post("/images/generations", json={"prompt": "a fox", "response_format": "url"})
    as_text = json.dumps(picture.json())

    for text, expression in ((streamed, r"https?://\S+\.mp4"), (as_text, r"https?://[^\s,}]+")):
        found = re.findall(expression, text)
        assert found
        assert [raw(one)[0] for one in found] == [200] * len(found)


@pytest.mark.parametrize("mark", ["'", ")", '"', "%27", "%29", "%22"])
def test_exactly_one_mark_at_the_end_is_forgiven(link: str, mark: str) -> None:
    whole = raw(link)[2]

    for method, body in (("GET", whole), ("HEAD", b"")):
        status, headers, data = raw(link + mark, method)
        assert (status, data) == (200, body)
        assert "'" not in headers["content-disposition"]
        assert headers["content-length"] == str(len(whole))
    for more in (mark * 2, f"{mark}x", f".{mark}", "]", ",", "%E3%80%82"):
        assert raw(link + more)[0] == 403


def test_ranges_conditions_and_heads_are_as_for_any_file(link: str) -> None:
    whole = patient.get(link)
    etag, total = whole.headers["etag"], len(whole.content)

    piece = patient.get(link, headers={"range": "bytes=4-7", "if-range": etag})
    changed = patient.get(link, headers={"range": "bytes=4-7", "if-range": '"other"'})
    beyond = patient.get(link, headers={"range": f"bytes={total}-"})
    known = patient.get(link, headers={"if-none-match": etag})
    head = patient.head(link)

    assert (piece.status_code, piece.content) == (206, b"ftyp")
    assert piece.headers["content-range"] == f"bytes 4-7/{total}"
    assert (changed.status_code, changed.content) == (200, whole.content)
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{total}")
    assert known.status_code == 304
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(total)
    for answer in (whole, piece, changed, beyond, known, head):
        assert_private(answer)


def assert_private(answer: httpx.Response) -> None:
    """Check what keeps a link from other sites and from search engines."""
    assert answer.headers.get_list("referrer-policy") == ["no-referrer"]
    assert answer.headers.get_list("x-robots-tag") == ["noindex"]


def broken(live: LiveServer, link: str) -> dict[str, tuple[str, int]]:
    """Return spoilt forms of a link, and the status of each."""
    proof = proof_of(link)
    signature, _, expires = proof.partition(".")
    last = "0" if signature[-1] != "0" else "1"
    path = link.removeprefix(live.url)
    return {
        "another file": (link.replace("video.mp4", "thumbnail.webp"), 403),
        "another signature": (with_proof(link, f"{signature[:-1]}{last}.{expires}"), 403),
        "in capitals": (with_proof(link, f"{signature.upper()[:-1]}{last}.{expires}"), 403),
        "half a signature": (with_proof(link, f"{signature[:16]}.{expires}"), 403),
        "a later expiry": (with_proof(link, f"{signature}.f{expires}"), 403),
        "an expiry that is none": (with_proof(link, f"{signature}.later"), 403),
        "no expiry": (with_proof(link, signature), 404),
        "no proof": (link.replace(f"{proof}/", ""), 404),
        "cut": (link[: link.rindex("/")], 404),
        "below it": (f"{link}/more", 404),
        "the query of old": (f"{link.replace(f'{proof}/', '')}?expires={expires}&sig=x", 404),
        "a prefix that no proxy took away": (f"{live.url}/studio{path}", 404),
        "two slashes": (f"{live.url}/{path.replace('video', 'other')}", 403),
    }


def test_a_refusal_repeats_nothing_of_the_link(live: LiveServer, link: str) -> None:
    signature, job = proof_of(link).partition(".")[0], link.rsplit("/", 3)[1]
    with capture_logs() as logs:
        for name, (url, status) in broken(live, link).items():
            answer, head = patient.get(url), patient.head(url)

            assert (answer.status_code, head.status_code) == (status, status), name
            assert_private(answer)
            told = f"{answer.text}{answer.headers}".lower()
            assert signature[:12] not in told, name
            assert "video.mp4" not in told, name
            assert job not in told, name
        wrong = patient.post(link)

    assert wrong.status_code == 405
    assert_private(wrong)
    assert signature[:12] not in f"{wrong.text}{logs}"


def test_a_deleted_file_is_told_without_its_link(live: LiveServer, api: httpx.Client) -> None:
    answer = api.post(PATH, json=asking("a fox", "sora_video2")).json()
    gone = links_in(answer["choices"][0]["message"]["content"])[0]
    assert api.delete(f"/videos/{answer['hinode']['id']}").status_code == 200

    with capture_logs() as logs:
        late = patient.get(gone)

    message = refused(late, 404, "unknown_url")
    assert message == "There is nothing at this URL."
    assert_private(late)
    (line,) = [one for one in logs if one["event"] == "request"]
    assert line["route"] == "/files/{signature}.{expires}/{job}/{output}/{name}"
    assert proof_of(gone) not in str(logs)


def test_a_failure_is_logged_without_the_link(
    live: LiveServer, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(JobService, "rendered_file", explode)
    with capture_logs() as logs:
        answer = patient.get(link)

    refused(answer, 500, "server_error")
    assert_private(answer)
    assert any(one["log_level"] == "error" for one in logs)
    assert proof_of(link) not in str(logs)
    assert proof_of(link) not in patient.get(f"{live.url}/metrics").text


def test_scripts_of_other_origins_may_read_a_link(link: str) -> None:
    answer = patient.get(link, headers={"range": "bytes=0-3"})

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-range" in answer.headers["access-control-expose-headers"]
    assert patient.options_of(link).status_code == 204
