"""What clients can find out about the models, and that what they are told is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from hinode import create_app, load_settings, open_services
from hinode.api.openai import schemas
from hinode.core.auth.bootstrap import ensure_admin, first_key

CONFIG = """
workers = false

[models."elsewhere"]
engine = "not-installed"
sizes = ["640x480"]
seconds = [5]
price = 2

[aliases]
"veo-3" = "sora_video2-landscape"
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "hinode.toml").write_text(CONFIG, encoding="utf-8")
    services = open_services(load_settings(data=tmp_path))
    ensure_admin(services.db, services.clock)
    key = first_key(services.db, services.clock)
    assert key is not None
    with TestClient(create_app(services), headers={"Authorization": key.secret}) as client:
        yield client
    services.close()


def test_models_are_listed_under_their_own_names(client: TestClient) -> None:
    listed = schemas.ModelList.model_validate(client.get("/v1/models").json())

    models = {model.id: model.hinode for model in listed.data}
    assert len(models) == 9
    assert models["sora_image"].credits_per == "picture"
    assert "gpt-image-1" in models["sora_image"].aliases
    assert models["sora_video2"].aliases == ["veo-3"]
    assert "sora2" in [family.head for family in models["sora_video2"].names]
    assert models["elsewhere"].licence is None


@pytest.mark.parametrize(
    ("name", "model", "sizes", "seconds"),
    [
        ("sora_video2-hd-portrait-15s", "sora_video2-pro", ["1024x1792"], ["15"]),
        ("sora2-landscape-10s", "sora_video2", ["1280x720"], ["10"]),
        ("veo-3", "sora_video2", ["1280x720"], ["10", "15", "25"]),
        ("gpt-image-portrait", "sora_image", ["1024x1536"], []),
    ],
)
def test_a_model_is_found_by_any_of_its_names(
    client: TestClient, name: str, model: str, sizes: list[str], seconds: list[str]
) -> None:
    found = schemas.ModelObject.model_validate(client.get(f"/v1/models/{name}").json())

    assert (found.id, found.hinode.model) == (name, model)
    assert (found.hinode.sizes, found.hinode.seconds) == (sizes, seconds)


@pytest.mark.parametrize("name", ["nobody", "sora_video2-hd-25s"])
def test_a_name_of_no_model_is_not_found(client: TestClient, name: str) -> None:
    answer = client.get(f"/v1/models/{name}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_not_found"


def test_video_models_say_what_may_be_asked_of_them(client: TestClient) -> None:
    listed = schemas.VideoModelList.model_validate(client.get("/v1/videos/models").json())

    models = {model.id: model for model in listed.data}
    pro, elsewhere = models["sora_video2-pro"], models["elsewhere"]
    assert "sora_image" not in models
    assert (pro.hd_sizes, pro.hd_durations) == (["1024x1792", "1792x1024"], ["10", "15"])
    assert (pro.inputs, pro.audio, pro.engine.licence) == (
        ["text", "first_frame"],
        True,
        "Apache-2.0",
    )
    assert (elsewhere.engine.installed, elsewhere.audio, elsewhere.inputs) == (
        False,
        None,
        ["text"],
    )
    assert (pro.price.credits, pro.price.per) == (75, "second")


def test_everything_that_is_offered_is_rendered_as_offered(client: TestClient) -> None:
    for model in client.get("/v1/videos/models").json()["data"]:
        body = {
            "prompt": "a fox",
            "model": model["id"],
            "size": model["sizes"][-1],
            "duration": model["default_duration"],
        }

        video = client.post("/v1/videos", json=body).json()

        assert (video["model"], video["size"]) == (model["id"], model["sizes"][-1])
        assert video["seconds"] == model["default_duration"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"model": "sora_video2-portrait", "size": "1280x720"}, "size"),
        ({"model": "sora_video2-hd-15s", "duration": 25}, "duration"),
        ({"model": "sora_video2", "hd": "true"}, "hd"),
        ({"model": "sora_video2-sepia"}, "model"),
        ({"seconds": 4, "duration": "8"}, "duration"),
    ],
)
def test_contradictions_are_bad_requests(
    client: TestClient, body: dict[str, object], param: str
) -> None:
    answer = client.post("/v1/videos", json={"prompt": "a fox", **body})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_what_several_engines_offer_is_what_one_of_them_can_do(tmp_path: Path) -> None:
    (tmp_path / "hinode.toml").write_text(
        """
workers = false
models."sora-2" = { engines = ["preview", "far"] }

[engines.far]
kind = "tasks"
origin = "trained"
url = "http://127.0.0.1:9/v1"
model = "m"
accepts_data_urls = false
""",
        encoding="utf-8",
    )
    services = open_services(load_settings(data=tmp_path))
    ensure_admin(services.db, services.clock)
    key = first_key(services.db, services.clock)
    assert key is not None
    with TestClient(create_app(services), headers={"Authorization": key.secret}) as client:
        listed = schemas.VideoModelList.model_validate(client.get("/v1/videos/models").json())
        offered = next(one for one in listed.data if one.id == "sora-2")
        body = {"model": "sora-2", "prompt": "a fox"}
        made = client.post("/v1/videos", json={**body, "n": 2}).json()
        refused = client.post("/v1/videos", json={**body, "n": 5}).json()
    services.close()
    assert (offered.inputs, offered.max_outputs) == (["text", "first_frame"], 4)
    assert (made["engine"], made["outputs"]) == ("preview", 2)
    assert refused["error"]["param"] == "n"
