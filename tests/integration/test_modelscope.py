"""Models are got from ModelScope, on loopback: whole, resumed, proved, refused with a remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hinode.engines.diffusers.weights.hub import Hub, HubError
from hinode.engines.diffusers.weights.library import list_models, local_model
from hinode.engines.diffusers.weights.modelscope import ModelScopeHub, hub_from_environment
from hinode.engines.diffusers.weights.names import parse_hub_name
from hinode.engines.diffusers.weights.pull import Pulled, pull
from tests.support.fake_hub import COMMIT, FakeHub, Repository, fake_hub
from tests.support.hinode_process import hinode
from tests.support.open_models import model_files

NAME = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
BIG = "transformer/diffusion_pytorch_model.safetensors"
WHOLE = model_files(weights={"transformer": ("BF16", 1_500_000)})


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as served:
        served.repositories[NAME] = Repository(WHOLE | {"README.md": b"words"})
        yield served


def got(hub: FakeHub, models: Path, name: str = NAME) -> Pulled:
    client = ModelScopeHub(hub.url)
    try:
        return pull(parse_hub_name(name), models, client)
    finally:
        client.close()


def test_a_model_is_got_whole_and_goes_on_where_it_was_cut(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME].cuts = {BIG: [2_000_000]}
    pulled = got(hub, tmp_path)

    files = {str(one.relative_to(pulled.folder)) for one in pulled.folder.rglob("*.*")}
    assert files == {*WHOLE, "hinode-model.json", ".lock"}
    assert (pulled.folder / BIG).read_bytes() == WHOLE[BIG]
    assert [one.range for one in hub.sent(BIG)] == [None, "bytes=2000000-"]
    (one,) = list_models(tmp_path)
    assert one.manifest.licence == "apache-2.0"
    assert local_model(NAME, tmp_path) == one.folder


def test_a_second_pull_gets_what_has_changed_only(hub: FakeHub, tmp_path: Path) -> None:
    before = got(hub, tmp_path)
    sent = len(hub.seen)
    again = got(hub, tmp_path)
    assert (again.manifest, len(hub.sent(BIG))) == (before.manifest, 1)
    assert len(hub.seen) > sent

    changed = WHOLE | {"vae/config.json": b'{"a": 1}'}
    hub.repositories[NAME] = replace(hub.repositories[NAME], files=changed)
    after = got(hub, tmp_path)
    assert after.manifest.commit != before.manifest.commit
    assert (after.folder / "vae/config.json").read_bytes() == changed["vae/config.json"]
    assert len(hub.sent(BIG)) == 1


@pytest.mark.parametrize(
    ("name", "changes", "code", "told"),
    [
        (f"{NAME}@v9", {}, "revision_missing", "has no revision v9"),
        ("no/thing", {}, "model_missing_at_hub", "check the name"),
        (NAME, {"gated": True}, "model_gated", "name its folder"),
        (NAME, {"private": True}, "model_missing_at_hub", "or private"),
    ],
)
def test_refusals_have_a_remedy(
    hub: FakeHub, tmp_path: Path, name: str, changes: dict[str, bool], code: str, told: str
) -> None:
    hub.repositories[NAME] = replace(hub.repositories[NAME], **changes)  # type: ignore[arg-type]
    with pytest.raises(HubError, match=told) as caught:
        got(hub, tmp_path, name)
    assert caught.value.code == code


def test_a_hub_that_fails_or_is_none(hub: FakeHub, tmp_path: Path) -> None:
    for status, code in ((503, "hub_failed"), (200, "hub_invalid")):
        hub.fails_with = status
        with pytest.raises(HubError) as caught:
            got(hub, tmp_path)
        assert caught.value.code == code


def test_a_pinned_revision_is_asked_for_by_its_name(hub: FakeHub, tmp_path: Path) -> None:
    assert got(hub, tmp_path, f"{NAME}@{COMMIT}").manifest.revision == COMMIT


def test_the_environment_chooses_it(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(hub_from_environment({"HF_ENDPOINT": hub.url}), Hub)
    assert isinstance(hub_from_environment({"MODELSCOPE_ENDPOINT": hub.url}), ModelScopeHub)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", hub.url)
    done = hinode("model", "pull", NAME, "--json", "--data", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (pulled,) = json.loads(done.stdout)
    assert (pulled["model"], pulled["complete"]) == (NAME, True)
