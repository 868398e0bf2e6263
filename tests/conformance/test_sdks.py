"""Unmodified SDKs in several versions against a real server over real HTTP."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from hinode.testing.server import LiveServer
from tests.support.films import write_film
from tests.support.pictures import png_bytes
from tests.support.sdks import Sdk, run, with_part

pytestmark = [pytest.mark.full, pytest.mark.proven_by_official_client]


@pytest.fixture(scope="module")
def report(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sdk], Any]:
    """What the script of an SDK saw, or how it failed; each runs once."""
    folder = tmp_path_factory.mktemp("sdks")
    picture = folder / "first.png"
    picture.write_bytes(png_bytes(64, 64))
    film = write_film(folder / "film.mp4", seconds=4.0)

    @functools.cache
    def seen_by(sdk: Sdk) -> Any:
        try:
            return run(sdk, f"{live.url}/v1", live.new_key(sdk.name), picture, film)
        except Exception as failure:
            return failure

    return seen_by


@pytest.fixture
def seen(request: pytest.FixtureRequest, report: Callable[[Sdk], Any]) -> Any:
    found = report(request.param)
    if isinstance(found, Exception):
        raise found
    return found


def calls(part: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("seen", with_part(part), indirect=True, ids=str)


@calls("videos")
def test_a_video_is_made_and_downloaded(seen: Any) -> None:
    videos = seen["videos"]
    assert (videos["created"]["status"], videos["created"]["seconds"]) == ("queued", "8")
    assert (videos["done"]["status"], videos["done"]["progress"]) == ("completed", 100)
    assert all(size > 100 for size in videos["sizes"])
    assert videos["remix"]["status"] == "completed"


@calls("official")
def test_a_remix_names_its_parent(seen: Any) -> None:
    videos = seen["videos"]
    assert videos["remix"]["remixed_from_video_id"] == videos["done"]["id"]


@calls("videos")
def test_first_frames_are_taken_as_the_sdk_sends_them(seen: Any) -> None:
    assert set(seen["videos"]["first_frames"]) == {"completed"}


@calls("official")
def test_typed_models_keep_what_was_ignored(seen: Any) -> None:
    assert seen["videos"]["created"]["ignored"] == ["wobble"]
    assert "ignored" not in seen["videos"]["done"]


@calls("official")
def test_lists_page_by_themselves(seen: Any) -> None:
    listed = seen["videos"]["listed"]
    assert len(listed) == len(set(listed)) > 2
    assert seen["videos"]["done"]["id"] in listed
    assert seen["files"]["listed"] == [seen["files"]["made"]["id"]]


@calls("official")
def test_models_are_listed(seen: Any) -> None:
    assert {"sora-2", "sora-2-pro"} <= set(seen["models"])


@calls("official")
def test_a_deleted_video_is_gone(seen: Any) -> None:
    videos = seen["videos"]
    assert videos["deleted"] == {
        "object": "video.deleted",
        "deleted": True,
        "id": videos["done"]["id"],
    }
    assert (videos["gone"]["class"], videos["gone"]["code"]) == ("NotFoundError", "not_found")


@calls("errors")
def test_errors_have_the_sdks_own_classes(seen: Any) -> None:
    errors = seen["errors"]
    assert (errors["bad_size"]["class"], errors["bad_size"]["status"]) == ("BadRequestError", 400)
    assert errors["wrong_key"]["class"] == "AuthenticationError"


@calls("official")
def test_errors_tell_code_and_field(seen: Any) -> None:
    errors = seen["errors"]
    assert (errors["bad_size"]["code"], errors["bad_size"]["param"]) == (
        "unsupported_value",
        "size",
    )
    assert errors["wrong_key"]["code"] == "invalid_api_key"
    assert errors["unknown_model"]["code"] == "model_not_found"
    assert seen["videos"]["failed"] == "scripted"


@calls("actions")
def test_videos_come_from_videos_and_characters_appear(seen: Any) -> None:
    actions = seen["actions"]
    assert {actions[name]["status"] for name in ("edit", "longer")} == {"completed"}
    assert actions["longer"]["seconds"] == "8"
    assert actions["character"]["name"] == "Mia"
    assert actions["same"] == actions["character"]


@calls("images")
def test_images_are_made_and_edited(seen: Any) -> None:
    images = seen["images"]
    assert len(images["links"]) == 2
    assert all(link.startswith("http://") for link in images["links"])
    assert [size > 100 for size in images["edited"]] == [True]


@calls("official")
def test_images_are_varied_and_streamed(seen: Any) -> None:
    images = seen["images"]
    assert images["varied"] == 1
    partial = "image_generation.partial_image"
    assert images["events"] == [partial, partial, "image_generation.completed"]


@calls("chat")
def test_a_chat_answers_whole_and_as_a_stream(seen: Any) -> None:
    chat = seen["chat"]
    assert chat["whole"].startswith("![image](http://")
    assert "<video src='http://" in chat["content"]
    assert chat["finish"] == ["stop"]
    assert chat["tokens"] > 0


@calls("official")
def test_progress_is_told_as_reasoning(seen: Any) -> None:
    assert seen["chat"]["thoughts"]


@calls("files")
def test_files_are_kept_and_deleted(seen: Any) -> None:
    files = seen["files"]
    assert files["same"] == files["made"]
    assert files["bytes"] == files["made"]["bytes"]
    assert files["deleted"]["deleted"] is True


@calls("official")
def test_a_file_is_a_first_frame(seen: Any) -> None:
    assert seen["files"]["used"] == ["completed"]


@calls("webhooks")
def test_webhook_endpoints_are_managed(seen: Any) -> None:
    hooks = seen["webhooks"]
    assert hooks["same"] == "https://example.com/hook"
    assert hooks["renamed"] == "yours"
    assert hooks["rotated"].startswith("whsec_")
    assert hooks["rotated"] != hooks["made"]["signing_secret"]
    assert hooks["listed"] == [hooks["made"]["id"]]
    assert hooks["deleted"]["deleted"] is True


@calls("ai")
def test_the_ai_sdk_makes_and_edits_images_and_is_told_of_responses(seen: Any) -> None:
    assert len(seen["images"]["sizes"]) == 2
    assert [size > 100 for size in seen["images"]["edited"]] == [True]
    errors = seen["errors"]
    assert (errors["wrong_key"]["class"], errors["wrong_key"]["status"]) == (
        "AI_APICallError",
        401,
    )
    assert errors["responses"]["status"] == 404
    assert "provider.chat(model)" in errors["responses"]["message"]
