"""Where each setting came from, and what is not shown of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest

from hinode import load_settings
from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.cli.open_models_check import check_open_models
from hinode.config.models import ModelSettings
from hinode.config.origins import SettingOrigin, Source, setting_origins
from hinode.config.settings import Settings
from hinode.config.shared import SHARED, differences, from_document, to_document
from hinode.engines.diffusers.weights.settings import LocalModelSettings
from tests.support.open_models import model_files, write_model

FILE = """
port = 9000
database = "postgresql://hinode:hush@db/hinode"
storage = "https://token@store.example/bucket"
countries = ["JP", "SG"]

[aliases]
"veo-3.1" = "sora-2"

[models.mine]
price = 25

[engines.gpu]
kind = "openai"
url = "http://gpu:8000/v1"
key = "hush"
origin = "trained"
proxy = "socks5://me:hush@proxy.example:1080"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a file of settings, and some in the environment."""

    (tmp_path / "hinode.toml").write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("HINODE_HOST", "::1")
    monkeypatch.setenv("HINODE_PORT", "9001")
    monkeypatch.setenv("HINODE_TEXT_MODEL", '{"url": "http://chat/v1", "key": "hush"}')
    monkeypatch.setenv("HINODE_ENGINES__GPU__CONNECTIONS", "7")
    return tmp_path


def shown(data: Path, **given: Any) -> dict[str, SettingOrigin]:
    given = {"data": data, **given}
    return {one.name: one for one in setting_origins(load_settings(**given), given, {})}


@pytest.mark.parametrize(
    ("name", "value", "source", "place"),
    [
        ("host", "::1", Source.ENVIRONMENT, "HINODE_HOST"),
        ("port", 9001, Source.ENVIRONMENT, "HINODE_PORT"),
        ("database", "postgresql://hinode:***@db/hinode", Source.FILE, "hinode.toml"),
        ("storage", "https://***@store.example/bucket", Source.FILE, "hinode.toml"),
        ("countries", ["JP", "SG"], Source.FILE, "hinode.toml"),
        ("workers", True, Source.DEFAULT, None),
        ("text_model.url", "http://chat/v1", Source.ENVIRONMENT, "HINODE_TEXT_MODEL"),
        ("text_model.key", "***", Source.ENVIRONMENT, "HINODE_TEXT_MODEL"),
        ("text_model.timeout_seconds", 20.0, Source.DEFAULT, None),
        ("engines.gpu.url", "http://gpu:8000/v1", Source.FILE, "hinode.toml"),
        ("engines.gpu.key", "***", Source.FILE, "hinode.toml"),
        ("engines.gpu.proxy", "socks5://me:***@proxy.example:1080", Source.FILE, "hinode.toml"),
        ("engines.gpu.concurrency", 16, Source.DEFAULT, None),
        ("engines.gpu.connections", 7, Source.ENVIRONMENT, "HINODE_ENGINES__GPU__CONNECTIONS"),
        ("models.mine.price.credits", 25, Source.FILE, "hinode.toml"),
        ('aliases."veo-3.1"', "sora-2", Source.FILE, "hinode.toml"),
        ("plans.pro.invites", 10, Source.DEFAULT, None),
    ],
)
def test_a_setting_has_its_value_and_source(
    folder: Path, name: str, value: Any, source: Source, place: str | None
) -> None:
    one = shown(folder)[name]

    where = None if one.place is None else Path(one.place).name
    assert (one.value, one.source, where) == (value, source, place)


def test_an_argument_goes_before_the_environment(folder: Path) -> None:
    found = shown(folder, port=9002)

    assert (found["port"].value, found["port"].source) == (9002, Source.ARGUMENT)
    assert (found["data"].value, found["data"].source) == (str(folder), Source.ARGUMENT)


def test_no_secret_is_shown(folder: Path) -> None:
    assert "hush" not in str(shown(folder))


def test_what_a_model_leaves_open_is_left_out(folder: Path) -> None:
    assert "models.mine.fps" not in shown(folder)


def test_each_setting_is_of_a_host_or_shared_by_all() -> None:
    """A new setting must be put on one of the two sides."""
    of_a_host = """
        data database storage secret host port workers engines trusted_proxies redis text_model
        proxy min_free_disk_mb max_header_kb max_header_fields header_timeout_seconds min_body_rate
        body_window_seconds keep_alive_seconds stream_keep_alive_seconds shutdown_seconds log_format
        log_level model_folder download_models worker_listen processes moderation oidc
    """
    assert set(Settings.model_fields) == {*SHARED, *of_a_host.split()}


def test_published_settings_are_read_as_they_were_given(folder: Path) -> None:
    given = load_settings(data=folder)

    read = from_document(to_document(given))

    assert set(read) == set(SHARED)
    assert given.model_copy(update=read) == given
    assert differences(load_settings(data=folder, queue_limit=7), read) == ["queue_limit"]
    assert from_document('{"queue_limit": "many"}') == {}
    assert from_document('{"of_a_newer_release": 1}') == {}


class _Local(LocalModelSettings):
    kind: Literal["local"] = "local"


@pytest.mark.parametrize(
    ("table", "folder", "download"),
    [
        (_Local(), "/srv/models", True),
        (_Local(model_folder=Path("/other"), download_models=False), "/other", False),
    ],
)
def test_engines_with_models_know_the_hosts_folder(
    table: _Local, folder: str, download: bool
) -> None:
    settings = load_settings(model_folder="/srv/models", download_models=True)
    given = settings.model_copy(update={"engines": {"gpu": table}})

    found = given.engine_tables["gpu"]

    assert isinstance(found, _Local)
    assert (found.model_folder, found.download_models) == (Path(folder), download)


def test_a_model_has_the_rules_of_its_folder(tmp_path: Path) -> None:
    fine_tune = write_model(tmp_path / "my-tune", model_files(config={"in_channels": 36}))
    table = _Local(model_folder=tmp_path)

    by_folder = table.checkpoint_of(str(fine_tune))
    by_name = table.checkpoint_of("Wan-AI/Wan2.2-TI2V-5B-Diffusers")

    assert by_folder is not None
    assert (by_folder.name, by_folder.first_frame) == ("Wan2.2-A14B", True)
    assert by_name is not None
    assert by_name.name == "Wan2.2-TI2V-5B"
    assert table.checkpoint_of("nobody/unknown") is table.checkpoint_of(None) is None


def test_the_folder_of_models_is_in_the_data_folder(tmp_path: Path) -> None:
    assert load_settings(data=tmp_path).models_path == tmp_path / "models"
    assert load_settings(data=tmp_path, model_folder="~/m").models_path == Path("~/m").expanduser()


def test_doctor_names_the_models_that_are_not_here(tmp_path: Path) -> None:
    whole = write_model(tmp_path / "whole")
    cut = write_model(tmp_path / "cut")
    (cut / "vae/config.json").unlink()

    def checked(*names: str, download: bool = False) -> CheckResult:
        models = {
            f"m{at}": ModelSettings(engine="gpu", upstream=one) for at, one in enumerate(names)
        }
        given = load_settings(data=tmp_path, download_models=download)
        table = {"engines": {"gpu": _Local()}, "models": models}
        return check_open_models(given.model_copy(update=table))

    assert (checked().status, checked().detail) == (CheckStatus.OK, "none")
    assert checked(str(whole)).status is CheckStatus.OK
    assert checked("a/b", download=True).status is CheckStatus.OK
    found = checked(str(whole), str(cut), "a/b")
    assert found.status is CheckStatus.ERROR
    assert f"{cut} lacks vae/config.json" in found.detail
    assert "Run: hinode model pull a/b" in found.detail
