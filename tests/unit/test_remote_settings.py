"""Remote engines as operators write them down."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hinode import DigitalSourceType, EngineError, load_settings
from hinode.cli.error_messages import error_message
from hinode.engines.kinds import engine_kinds
from hinode.engines.openai.settings import OpenAIEngineSettings
from hinode.engines.registry import installed_engines

URL = 'url = "http://host/v1"\n'

TOML = """
[engines.preview]
concurrency = 2

[engines.gpu]
kind = "openai"
profile = "sglang"
url = "http://10.0.0.5:30000/v1/"
origin = "trained"
key = "sk-very-secret"
concurrency = 1000

[engines.gpu.extra]
num_inference_steps = 30
"""


def written(folder: Path, text: str) -> Path:
    (folder / "hinode.toml").write_text(text)
    return folder


def test_a_table_with_a_kind_is_an_engine(tmp_path: Path) -> None:
    settings = load_settings(data=written(tmp_path, TOML))
    gpu = settings.engine_settings("gpu")
    assert isinstance(gpu, OpenAIEngineSettings)
    assert (gpu.url, gpu.extra) == ("http://10.0.0.5:30000/v1", {"num_inference_steps": 30})
    assert settings.engine_settings("preview").concurrency == 2
    registry = installed_engines(settings.engines)
    assert {"gpu", "preview"} <= {one.name for one in registry.all()}
    assert registry.get("gpu").capabilities().max_outputs == 4
    assert "very-secret" not in repr(settings)


def test_engines_that_are_left_out_on_purpose_are_known(tmp_path: Path) -> None:
    registry = installed_engines(load_settings(data=written(tmp_path, TOML)).engines)
    only = registry.only(["gpu"])
    assert [one.name for one in only.all()] == ["gpu"]
    assert only.left_out == {one.name for one in registry.all()} - {"gpu"}
    assert registry.left_out == frozenset()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('kind = "telepathy"', "engines.gpu: no engine of kind 'telepathy' is installed"),
        ('url = "ftp://host/v1"', "engines.gpu.url: it must begin with http:// or https://"),
        ('url = "http://key@host/v1"', "engines.gpu.url: it must begin with http"),
        ("", "engines.gpu.url: missing, and it has no default"),
        (f'{URL}profile = "sora"', "engines.gpu.profile: Input should be 'openai', 'hinode'"),
        (f"{URL}concurrency = 5000", "engines.gpu.concurrency: Input should be less than"),
        (f'{URL}colour = "red"', "engines.gpu.colour: there is no such setting"),
    ],
)
def test_mistakes_are_refused_by_the_name_of_the_setting(
    line: str, said: str, tmp_path: Path
) -> None:
    kind = "" if "kind" in line else 'kind = "openai"\n'
    with pytest.raises(ValidationError) as caught:
        load_settings(data=written(tmp_path, f"[engines.gpu]\n{kind}{line}\n"))
    assert f"  {said}" in str(error_message(caught.value))


@pytest.mark.parametrize("kind", ["openai", "tasks", "sora"])
@pytest.mark.parametrize("line", ["", 'origin = ""', 'origin = "AI"'])
def test_the_origin_must_be_said(kind: str, line: str, tmp_path: Path) -> None:
    table = f'[engines.gpu]\nkind = "{kind}"\n{URL}{line}\n'
    with pytest.raises(ValidationError) as caught:
        load_settings(data=written(tmp_path, table))
    told = str(error_message(caught.value)).splitlines()[1]
    assert told.startswith('  engines.gpu.origin: set it to "trained" if')
    assert '"algorithm" if' in told


@pytest.mark.parametrize(
    ("said", "signed"),
    [("trained", DigitalSourceType.TRAINED), ("algorithm", DigitalSourceType.ALGORITHM)],
)
def test_the_said_origin_is_what_the_engine_declares(said: str, signed: str) -> None:
    registry = installed_engines(given(origin=said))
    assert registry.get("gpu").capabilities().origin is signed


def given(**settings: object) -> dict[str, OpenAIEngineSettings]:
    table = {"kind": "openai", "url": "http://host/v1", "origin": "trained", **settings}
    return {"gpu": OpenAIEngineSettings.model_validate(table)}


def test_the_key_comes_from_where_it_is_said_to_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("sk-from-file\n")
    monkeypatch.setenv("GPU_KEY", "sk-from-environment")
    found = [
        given(**one)["gpu"].secret()
        for one in ({"key_file": tmp_path / "key"}, {"key_env": "GPU_KEY"}, {"key": "sk-said"}, {})
    ]
    assert found == ["sk-from-file", "sk-from-environment", "sk-said", ""]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"key_env": "NO_SUCH_KEY_HERE"}, "NO_SUCH_KEY_HERE"),
        ({"key_file": "/no/such/file"}, "key_file"),
        ({"key": "two words"}, "no key"),
    ],
)
def test_a_key_that_is_not_there_is_told(settings: dict[str, object], said: str) -> None:
    with pytest.raises(EngineError, match=said) as caught:
        installed_engines(given(**settings))
    assert "two words" not in str(caught.value)


def test_the_name_of_an_installed_engine_is_taken() -> None:
    with pytest.raises(EngineError, match="take another"):
        installed_engines({"preview": given()["gpu"]})


def test_a_secret_that_could_be_guessed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="at least 32 characters") as raised:
        load_settings(data=written(tmp_path, 'secret = "sesame"'))

    assert "sesame" not in str(raised.value.errors()[0]["msg"])


@pytest.mark.parametrize(
    ("settings", "hosted"),
    [
        ({"url": "http://localhost:8188"}, False),
        ({"url": "http://LOCALHOST.:8188"}, False),
        ({"url": "http://127.0.0.1:8188"}, False),
        ({"url": "http://10.0.0.5/v1"}, False),
        ({"url": "https://[fd00::7]:443/v1"}, False),
        ({"url": "http://[::1]:8188"}, False),
        ({"url": "http://host/v1"}, True),
        ({"url": "http://gpu.internal/v1"}, True),
        ({"url": "http://localhost.example/v1"}, True),
        ({"url": "http://169.254.169.254/v1"}, True),
        ({"url": "http://100.64.0.9/v1"}, True),
        ({"url": "https://93.184.216.34/v1"}, True),
        ({"url": "http://0x7f000001/v1"}, True),
        ({"url": "http://10.0.0.5", "proxy": "http://93.184.216.34:3128"}, True),
        ({"url": "http://10.0.0.5", "proxy": "socks5://127.0.0.1:9050"}, False),
        ({"url": "http://gpu.internal/v1", "hosted": False}, False),
        ({"url": "http://127.0.0.1:8188", "hosted": True}, True),
    ],
)
@pytest.mark.parametrize("kind", ["openai", "tasks"])
def test_only_an_own_address_is_in_the_house_unless_it_is_said(
    kind: str, settings: dict[str, object], hosted: bool
) -> None:
    table = {"kind": kind, "origin": "trained", **settings}
    known = {"x": engine_kinds()[kind].settings.model_validate(table)}
    assert installed_engines(known).get("x").capabilities().hosted is hosted
