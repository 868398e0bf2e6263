"""From hinode.toml to models: the operator's own, changed built-in ones, and aliases."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from hinode import HinodeError, MediaKind, load_settings
from hinode.components import build_catalog
from hinode.core.catalog.service import Catalog, GenerationParams
from tests.support.hinode_process import hinode

OWN = """
[models."wan-2.2"]
engine = "diffusers"
sizes = ["1280x720", "720x1280"]
hd_sizes = ["1920x1080"]
seconds = [5, 10]
hd_seconds = [5]
fps = 16
price = 7
max_outputs = 2
any_size = true
aliases = ["wan"]

[models."my-pictures"]
kind = "image"
sizes = ["512x512"]
price = 3
"""


def catalog_of(folder: Path, text: str) -> Catalog:
    (folder / "hinode.toml").write_text(text, encoding="utf-8")
    return build_catalog(load_settings(data=folder))


def test_a_model_of_ones_own_is_rendered_and_charged_as_its_table_says(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, OWN)

    video = catalog.resolve(GenerationParams(model="wan", size="9x16", outputs=2), MediaKind.VIDEO)
    hd = catalog.resolve(GenerationParams(model="wan-2.2", hd=True), MediaKind.VIDEO)
    picture = catalog.resolve(GenerationParams(model="my-pictures", outputs=2), MediaKind.IMAGE)

    assert (video.model.engine, video.model.id, video.model.alias_of) == (
        "diffusers",
        "wan",
        "wan-2.2",
    )
    assert (str(video.plan.size), video.plan.frames, video.plan.fps) == ("720x1280", 80, 16)
    assert (video.price, str(hd.plan.size), picture.price) == (70, "1920x1080", 6)
    with pytest.raises(HinodeError, match="'n' is 1 to 2"):
        catalog.resolve(GenerationParams(model="wan", outputs=3), MediaKind.VIDEO)
    with pytest.raises(HinodeError, match="10 seconds cannot be HD"):
        catalog.resolve(GenerationParams(model="wan", hd=True, seconds="10"), MediaKind.VIDEO)


def test_a_built_in_model_keeps_what_is_not_changed(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, '[models."sora_video2-pro"]\nprice = 9\nengine = "remote"\n')

    resolved = catalog.resolve(
        GenerationParams(model="sora_video2-landscape-hd-15s"), MediaKind.VIDEO
    )

    assert (resolved.price, resolved.model.engine, str(resolved.plan.size)) == (
        135,
        "remote",
        "1792x1024",
    )


def test_aliases_lead_to_models_names_with_words_and_families(tmp_path: Path) -> None:
    aliases = """
    [aliases]
    "sora-2" = "wan-2.2"
    "wide" = "sora_video2-landscape-10s"
    "sora_video2" = "wan-2.2"
    """
    catalog = catalog_of(tmp_path, OWN + aliases)

    snapshot = catalog.get("sora-2-2025-10-06")
    family = catalog.get("sora_video2-landscape-10s")
    listed = {model.id: model.aliases for model in catalog.models()}

    assert (snapshot.id, snapshot.alias_of) == ("sora-2-2025-10-06", "wan-2.2")
    assert (family.alias_of, family.seconds) == ("wan-2.2", (10,))
    assert catalog.get(None).engine == "diffusers"
    assert [str(size) for size in catalog.get("wide").sizes] == ["1280x720"]
    assert {"sora-2", "sora_video2"}.isdisjoint(listed)
    assert {"wan", "sora-2", "sora-2-2025-10-06"} <= set(listed["wan-2.2"])
    with pytest.raises(HinodeError, match="does not offer here"):
        catalog.get("sora_video2-25s")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[models."x"]\nprice = 1\nsizes = ["64x64"]', 'models."x".seconds'),
        ('[models."x"]\nsizes = ["64x64"]\nseconds = [4]', 'models."x".price'),
        ('[models."x"]\nkind = "image"\nprice = 1\nsizes = ["64x64"]\nfps = 2', 'models."x".fps'),
        ('[models."sora-2"]\nkind = "image"', 'models."sora-2".kind'),
        ('[aliases]\nfast = "no-such-model"', "alias 'fast'"),
        ('[aliases]\na = "b"\nb = "a"', "cycle"),
        ('[aliases]\n"sora_video2" = "sora_video2-15s"', "cycle"),
        ('[aliases]\nodd = "sora_video2-hd-25s"', "HD videos last"),
    ],
)
def test_settings_that_do_not_fit_together_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(HinodeError) as refused:
        catalog_of(tmp_path, text)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("table", "small", "large", "wide"),
    [
        ("price = 10", 80, 80, 80),
        ("[models.m.price]\ncredits = 10\nhd = 20", 80, 160, 160),
        ('[models.m.price]\ncredits = 10\nhd = 20\nsizes = {"192x64" = 30}', 80, 160, 240),
        ('[models.m.price]\nper = "call"\ncredits = 10\nhd = 20', 10, 20, 20),
    ],
)
def test_prices_by_second_or_call_and_by_tier_or_size(
    tmp_path: Path, table: str, small: int, large: int, wide: int
) -> None:
    model = '[models.m]\nsizes = ["64x64"]\nhd_sizes = ["128x128", "192x64"]\nseconds = [4]\n'
    catalog = catalog_of(tmp_path, model + table)

    def cost(size: str) -> int:
        return catalog.resolve(
            GenerationParams(model="m", size=size, outputs=2), MediaKind.VIDEO
        ).price

    # Two outputs of four seconds: eight seconds, or one call.
    assert [cost("64x64"), cost("128x128"), cost("192x64")] == [small, large, wide]


def test_prices_of_pictures(tmp_path: Path) -> None:
    model = '[models.p]\nkind = "image"\nsizes = ["64x64"]\n'
    params = GenerationParams(model="p", outputs=3)

    each = catalog_of(tmp_path, model + "price = 2").resolve(params, MediaKind.IMAGE)
    call = '[models.p.price]\ncredits = 2\nper = "call"'
    together = catalog_of(tmp_path, model + call).resolve(params, MediaKind.IMAGE)

    assert (each.price, together.price) == (6, 2)
    with pytest.raises(HinodeError, match=r"price\.per"):
        catalog_of(tmp_path, model + '[models.p.price]\ncredits = 2\nper = "second"')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[models."x"]\ncolour = "red"', ("models", "x", "colour")),
        ('[models."x"]\nsizes = ["big"]', ("models", "x", "sizes", 0)),
        ('[models."x"]\nsizes = ["641x480"]', ("models", "x", "sizes")),
        ('[models."x"]\nsizes = []', ("models", "x", "sizes")),
        ('[models."x"]\nseconds = [0]', ("models", "x", "seconds", 0)),
        ('[models."x"]\nprice = -1', ("models", "x", "price", "credits")),
        ('[models."x"]\nprice = "x"', ("models", "x", "price", "credits")),
        ('[models."x".price]\ncredits = 1\nper = "day"', ("models", "x", "price", "per")),
        ('[models."a b"]\nprice = 1', ("models", "a b", "[key]")),
        ("[aliases]\nx = 3", ("aliases", "x")),
    ],
)
def test_a_bad_value_is_named_by_its_key(
    tmp_path: Path, text: str, place: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        catalog_of(tmp_path, text)

    assert place in [problem["loc"] for problem in refused.value.errors()]


def test_the_command_line_lists_them(tmp_path: Path) -> None:
    (tmp_path / "hinode.toml").write_text(OWN, encoding="utf-8")

    shown = hinode("model", "list", "--data", str(tmp_path))

    rows = {line.split("\t")[0]: line.split("\t") for line in shown.stdout.splitlines()}
    assert rows["wan-2.2"][1] == "diffusers"
    assert rows["wan-2.2"][4] == "7/second"
    assert rows["wan-2.2"][5] == "wan"
    assert rows["my-pictures"][4] == "3/picture"
