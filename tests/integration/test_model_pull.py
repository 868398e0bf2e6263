"""Models are got from a hub on loopback: whole, resumed, proved, and refused with a remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hinode.core.host_failures import HostFailure, host_failure
from hinode.engines.base import EngineError
from hinode.engines.diffusers.weights.download import FileDownload, part_path
from hinode.engines.diffusers.weights.hub import Hub, HubError, HubFile
from hinode.engines.diffusers.weights.inspection import inspect
from hinode.engines.diffusers.weights.library import list_models, local_model, remove_model
from hinode.engines.diffusers.weights.names import HubName, parse_hub_name
from hinode.engines.diffusers.weights.pull import Pulled, pull
from tests.support.fake_hub import COMMIT, TOKEN, FakeHub, Repository, fake_hub
from tests.support.open_models import WAN, model_files, safetensors

NAME = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
BIG = "transformer/diffusion_pytorch_model.safetensors"
WHOLE = model_files(weights={"transformer": ("BF16", 1_500_000)})
PICKLED = {
    "text_encoder/pytorch_model.bin" if path == "text_encoder/model.safetensors" else path: content
    for path, content in WHOLE.items()
}
OTHER_CLASS = model_files(WAN | {"_class_name": "AllegroPipeline"})
UNUSED = {
    "README.md": b"words",
    "wan2.1_t2v.safetensors": safetensors({"all": ("BF16", 10)}),
    "transformer/diffusion_pytorch_model.bin": b"pickled",
    "transformer/modeling.py": b"raise SystemExit",
    "vae/diffusion_pytorch_model.fp16.safetensors": safetensors({"weight": ("F16", 10)}),
    "assets/demo.json": b"{}",
}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with fake_hub() as served:
        served.repositories[NAME] = Repository(WHOLE | UNUSED)
        yield served


def got(hub: FakeHub, models: Path, name: str = NAME, **given: Any) -> Pulled:
    client = Hub(hub.url, given.pop("token", None))
    try:
        return pull(parse_hub_name(name), models, client, **given)
    finally:
        client.close()


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_model_is_got_whole_and_nothing_else(hub: FakeHub, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []

    pulled = got(hub, tmp_path, report=lambda done, total: progress.append((done, total)))

    assert files_in(pulled.folder) == {*WHOLE, "hinode-model.json", ".lock"}
    assert (pulled.folder / BIG).read_bytes() == WHOLE[BIG]
    assert inspect(pulled.folder).missing == ()
    total = sum(map(len, WHOLE.values()))
    assert progress[-1] == (total, total)
    (one,) = list_models(tmp_path)
    assert (str(one.name), one.manifest.commit, one.licence) == (NAME, COMMIT, "apache-2.0")
    assert local_model(NAME, tmp_path) == local_model(f"{NAME}@{COMMIT}", tmp_path) == one.folder


def test_a_second_pull_gets_what_is_missing(hub: FakeHub, tmp_path: Path) -> None:
    folder = got(hub, tmp_path).folder
    (folder / BIG).unlink()
    (folder / "vae/config.json").write_bytes(b"changed size")
    hub.seen.clear()

    got(hub, tmp_path)

    fetched = {one.path.partition("Diffusers/")[2] for one in hub.sent("/")}
    assert fetched == {"model_index.json", BIG, "vae/config.json"}
    assert (folder / BIG).read_bytes() == WHOLE[BIG]


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_a_cut_download_goes_on_where_it_was(
    hub: FakeHub, tmp_path: Path, knows_ranges: bool
) -> None:
    repository = hub.repositories[NAME]
    repository.knows_ranges = knows_ranges
    repository.cuts[BIG] = [1_100_000, 2_200_000]

    folder = got(hub, tmp_path).folder

    assert (folder / BIG).read_bytes() == WHOLE[BIG]
    ranges = [one.range for one in hub.sent(BIG)]
    assert len(ranges) == 3
    assert ranges[0] is None
    assert ranges[1] is not None


def test_a_cut_that_brings_nothing_ends_and_the_next_pull_resumes(
    hub: FakeHub, tmp_path: Path
) -> None:
    hub.repositories[NAME].cuts[BIG] = [2_200_000, 0]

    with pytest.raises(HubError, match="it goes on where it stopped"):
        got(hub, tmp_path)
    (one,) = list_models(tmp_path)
    assert not one.manifest.complete
    with pytest.raises(EngineError, match="hinode model pull"):
        local_model(NAME, tmp_path)

    hub.seen.clear()
    folder = got(hub, tmp_path).folder

    (again,) = hub.sent(BIG)
    assert again.range is not None
    assert again.range.startswith("bytes=2")
    assert (folder / BIG).read_bytes() == WHOLE[BIG]


def test_damage_on_the_way_is_noticed(hub: FakeHub, tmp_path: Path) -> None:
    folder = got(hub, tmp_path).folder
    (folder / BIG).unlink()
    digest = hashlib.sha256(WHOLE[BIG]).hexdigest()
    part = part_path(folder, HubFile(BIG, len(WHOLE[BIG]), digest))
    part.parent.mkdir()
    part.write_bytes(b"x" * 2_000_000)

    with pytest.raises(HubError, match="arrived damaged"):
        got(hub, tmp_path)
    got(hub, tmp_path)

    assert (folder / BIG).read_bytes() == WHOLE[BIG]


def test_a_new_revision_replaces_the_old_one(hub: FakeHub, tmp_path: Path) -> None:
    files = model_files(weights={"vae": ("F32", 5)})
    folder = got(hub, tmp_path).folder
    old = hub.repositories[NAME]
    gone = {path: data for path, data in files.items() if not path.startswith("vae/diff")}
    new = {"vae/other.safetensors": safetensors({"weight": ("F32", 5)})}
    hub.repositories[NAME] = Repository(gone | new, commit="2" * 40)

    assert got(hub, tmp_path).folder == folder

    assert files_in(folder) == {*gone, *new, "hinode-model.json", ".lock"}
    assert (folder / BIG).read_bytes() != old.files[BIG]
    assert list_models(tmp_path)[0].manifest.commit == "2" * 40


def test_a_pinned_revision_has_a_folder_of_its_own(hub: FakeHub, tmp_path: Path) -> None:
    got(hub, tmp_path)
    got(hub, tmp_path, f"{NAME}@{COMMIT}")

    assert [str(one.name) for one in list_models(tmp_path)] == [NAME, f"{NAME}@{COMMIT}"]
    remove_model(NAME, tmp_path)
    assert local_model(f"{NAME}@{COMMIT}", tmp_path).name.endswith(COMMIT)
    with pytest.raises(EngineError, match="model list --local"):
        remove_model(NAME, tmp_path)


def test_a_moved_repository_is_followed_and_told(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories["old/name"] = Repository({}, moved_to=NAME)

    pulled = got(hub, tmp_path, "old/name")

    assert pulled.moved_to == NAME
    assert local_model("old/name", tmp_path) == pulled.folder


@pytest.mark.parametrize(
    ("name", "changes", "token", "code", "remedy"),
    [
        (NAME, {"gated": True}, None, "model_gated", "accept its licence at .* and set HF_TOKEN"),
        (NAME, {"gated": True}, "hf_stranger", "model_gated", "that HF_TOKEN belongs to"),
        (NAME, {"private": True}, None, "model_missing_at_hub", "set HF_TOKEN"),
        ("nobody/nothing", {}, None, "model_missing_at_hub", "check the name"),
        ("nobody/nothing", {}, TOKEN, "model_missing_at_hub", "check the name"),
        (f"{NAME}@v9", {}, None, "revision_missing", "no revision v9"),
        (NAME, {"files": {"model.safetensors": b""}}, None, "model_unusable", "whose name ends in"),
        (
            NAME,
            {"files": PICKLED},
            None,
            "model_unusable",
            "text_encoder of .* pickled weights only",
        ),
        (
            NAME,
            {"files": OTHER_CLASS},
            None,
            "model_unusable",
            "class AllegroPipeline, which is not",
        ),
        (NAME, {"files": {"model_index.json": b"[1]"}}, None, "hub_invalid", "no JSON object"),
        (NAME, {"files": {"model_index.json": b" " * 2_000_000}}, None, "model_unusable", "large"),
    ],
)
def test_refusals_have_a_remedy(
    hub: FakeHub,
    tmp_path: Path,
    name: str,
    changes: dict[str, Any],
    token: str | None,
    code: str,
    remedy: str,
) -> None:
    for field, value in changes.items():
        setattr(hub.repositories[NAME], field, value)

    with pytest.raises(EngineError, match=remedy) as caught:
        got(hub, tmp_path, name, token=token)

    assert caught.value.code == code
    assert "hf_" not in str(caught.value)
    assert not any(files_in(tmp_path))


def test_the_token_goes_to_the_hub_only(hub: FakeHub, tmp_path: Path) -> None:
    hub.repositories[NAME].gated = True

    got(hub, tmp_path, token=TOKEN)

    assert {one.token for one in hub.seen if one.host == "127.0.0.1"} == {TOKEN}
    assert {one.token for one in hub.seen if one.host == "localhost"} == {None}


def test_a_hub_that_fails_or_is_none(hub: FakeHub, tmp_path: Path) -> None:
    hub.fails_with = 503
    with pytest.raises(HubError, match="answered 503: try later"):
        got(hub, tmp_path)
    hub.fails_with = 200
    with pytest.raises(HubError, match="Check HF_ENDPOINT"):
        got(hub, tmp_path)


def test_an_unreachable_hub(tmp_path: Path) -> None:
    with fake_hub() as closed:
        pass
    with pytest.raises(HubError, match="HF_ENDPOINT names a mirror"):
        got(closed, tmp_path)


def test_the_disk_is_checked_before(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(HubError, match="setting model_folder") as caught:
        got(hub, tmp_path, reserve=10**18)

    assert caught.value.code == "disk_full"
    assert host_failure(caught.value) is HostFailure.DISK_FULL
    assert hub.sent(BIG) == []


def test_a_disk_that_fills_up(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileDownload, "fetch", full)
    with pytest.raises(HubError, match="Free some space and run the command again"):
        got(hub, tmp_path)


def test_a_second_pull_at_the_same_time_is_refused(hub: FakeHub, tmp_path: Path) -> None:
    def again(_done: int, _total: int) -> None:
        if tried:
            return
        with pytest.raises(HubError, match="being pulled already"):
            got(hub, tmp_path)
        tried.append(True)

    tried: list[bool] = []
    got(hub, tmp_path, report=again)

    assert tried


@pytest.mark.parametrize(
    "name",
    [
        "wan",
        "a/b/c",
        "a/b@",
        "../a/b",
        "a/..",
        "a/b@../c",
        "a--b/c",
        "/etc",
        "./models/a",
        "a/b@-x",
    ],
)
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        parse_hub_name(name)


def test_a_name_and_its_folder() -> None:
    assert parse_hub_name("a/b.c@refs/pr/1") == HubName("a/b.c", "refs/pr/1")
    assert HubName("a/b.c", "refs/pr/1").folder_name == "a--b.c@refs--pr--1"


def test_the_environment_names_the_hub_and_the_token(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_stored\n")

    stored = Hub.from_environment({"HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://mirror/"})
    given = Hub.from_environment({"HF_HOME": str(tmp_path), "HF_TOKEN": "hf_given"})
    none = Hub.from_environment({"HF_HOME": "/nowhere"})

    assert (stored._endpoint, stored._token) == ("http://mirror", "hf_stored")
    assert (given._endpoint, given._token) == ("https://huggingface.co", "hf_given")
    assert none._token is None
    for one in (stored, given, none):
        one.close()
