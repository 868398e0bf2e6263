"""The requests of the Sora dialect at their bounds: what passes, what is refused, and defaults."""

from __future__ import annotations

from typing import Any

import pytest

from hinode.api.parsing import RequestSchema, parse
from hinode.api.request_errors import RequestError
from hinode.api.signup_body import SignUpBody
from hinode.api.sora.auth import schemas as auth
from hinode.api.sora.characters import schemas as characters
from hinode.api.sora.create import schemas as create
from hinode.api.sora.drafts import schemas as drafts
from hinode.api.sora.posts import schemas as posts
from hinode.api.values import Upload
from hinode.core.errors import HinodeError
from hinode.kit.ids import encode_id, encode_short_id, new_id
from hinode.kit.spool import Spooled

FILE = Upload(Spooled.of(b"x"), "x.png")
ATTACHMENT = {"generation_id": "gen_1"}

# A body that passes, for each schema; the tables below change single fields of it.
MINIMAL: dict[type[RequestSchema], dict[str, Any]] = {
    auth.UsernameBody: {"username": "mika"},
    auth.AcceptInvite: {"invite_code": "ABC"},
    SignUpBody: {"email": "a@b.c", "password": "12345678"},
    auth.LogInRequest: {"email": "a@b.c", "password": "12345678"},
    auth.TokenRequest: {"refresh_token": "rt_1"},
    characters.CameoUpload: {"file": FILE, "timestamps": "0,3"},
    characters.CameoFromGeneration: {"generation_id": "gen_1", "timestamps": [0, 3]},
    characters.FinalizeCameo: {"cameo_id": "cameo_1", "username": "mika"},
    characters.CharacterUpdate: {},
    characters.CharacterQuery: {},
    create.SoraCreateVideo: {"prompt": "a cat"},
    create.CreateStoryboard: {"prompt": "a cat"},
    create.CreateImages: {"prompt": "a cat"},
    create.SoraExtendVideo: {"user_prompt": "it runs", "extension_duration_s": 10},
    create.EnhancePrompt: {"prompt": "a cat"},
    create.ImageUpload: {"file": FILE},
    drafts.DraftQuery: {},
    drafts.TaskQuery: {},
    posts.PublishPost: {"attachments_to_create": [ATTACHMENT]},
    posts.FeedQuery: {},
    posts.PublicFeedQuery: {},
    posts.MentionQuery: {},
}

REQUIRED = [
    (auth.UsernameBody, "username"),
    (auth.AcceptInvite, "invite_code"),
    (SignUpBody, "email"),
    (SignUpBody, "password"),
    (auth.LogInRequest, "password"),
    (auth.TokenRequest, "refresh_token"),
    (characters.CameoUpload, "file"),
    (characters.CameoUpload, "timestamps"),
    (characters.CameoFromGeneration, "generation_id"),
    (characters.CameoFromGeneration, "timestamps"),
    (characters.FinalizeCameo, "cameo_id"),
    (characters.FinalizeCameo, "username"),
    (create.SoraCreateVideo, "prompt"),
    (create.CreateStoryboard, "prompt"),
    (create.CreateImages, "prompt"),
    (create.SoraExtendVideo, "user_prompt"),
    (create.SoraExtendVideo, "extension_duration_s"),
    (create.EnhancePrompt, "prompt"),
    (create.ImageUpload, "file"),
    (posts.PublishPost, "attachments_to_create"),
]

DEFAULTS = [
    (SignUpBody, {"username": None, "invite_code": None}),
    (auth.LogInRequest, {"username": None}),
    (auth.TokenRequest, {"grant_type": "refresh_token"}),
    (
        characters.FinalizeCameo,
        {
            "display_name": None,
            "profile_asset_pointer": None,
            "instruction_set": None,
            "safety_instruction_set": None,
        },
    ),
    (characters.CharacterUpdate, {"username": None, "visibility": None, "display_name": None}),
    (characters.CharacterQuery, {"limit": 20, "cursor": None}),
    (
        create.SoraCreateVideo,
        {
            "kind": None,
            "model": "sy_8",
            "orientation": None,
            "size": None,
            "n_frames": None,
            "style_id": None,
            "inpaint_items": None,
            "remix_target_id": None,
            "cameo_ids": None,
            "nsamples": 1,
            "priority": None,
        },
    ),
    (
        create.CreateImages,
        {
            "type": None,
            "operation": None,
            "width": 360,
            "height": 360,
            "n_variants": 1,
            "n_frames": None,
            "inpaint_items": None,
            "priority": None,
        },
    ),
    (create.SoraExtendVideo, {"priority": None}),
    (create.EnhancePrompt, {"expansion_level": "medium", "duration_s": 10}),
    (create.ImageUpload, {"file_name": None, "use_case": None}),
    (drafts.DraftQuery, {"limit": 15, "cursor": None}),
    (drafts.TaskQuery, {"limit": 20, "before": None}),
    (posts.PublishPost, {"post_text": ""}),
    (posts.FeedQuery, {"limit": 8, "cursor": None}),
    (posts.PublicFeedQuery, {"limit": 8, "cut": "nf2_latest"}),
    (posts.MentionQuery, {"limit": 10, "username": "", "intent": "users"}),
]

# (schema, field, values that pass, values one beyond, how the error spells the field)
BOUNDS: list[tuple[type[RequestSchema], str, list[Any], list[Any], str]] = [
    (auth.UsernameBody, "username", ["x" * 1_000], ["x" * 1_001, 7], "username"),
    (auth.AcceptInvite, "invite_code", ["x" * 1_000], ["x" * 1_001], "invite_code"),
    (SignUpBody, "email", ["x" * 1_000], ["x" * 1_001], "email"),
    (SignUpBody, "password", ["x" * 1_000], ["x" * 1_001], "password"),
    (auth.LogInRequest, "email", ["x" * 1_000], ["x" * 1_001], "email"),
    (auth.LogInRequest, "username", ["x" * 1_000], ["x" * 1_001], "username"),
    (auth.LogInRequest, "password", ["x" * 1_000], ["x" * 1_001], "password"),
    (auth.TokenRequest, "refresh_token", ["x" * 1_000], ["x" * 1_001], "refresh_token"),
    (auth.TokenRequest, "grant_type", ["refresh_token", "", None], ["password"], "grant_type"),
    (
        characters.CameoUpload, "timestamps", ["0,3", "0.5, 3", [0, 3], ["0", 3.5]],
        ["0", "0,1,2", "a,b", [0], [0, 1, 2], [True, 3], {"a": 1}, 7], "timestamps",
    ),
    (characters.CameoUpload, "file", [FILE], ["x", 7], "file"),
    (
        characters.CharacterUpdate, "instruction_set", ["be kind", {"value": "be kind"}],
        [7, {"value": 7}, {"value": [{"value": 7}]}, ["be", 7]], "instruction_set",
    ),
    (
        characters.FinalizeCameo, "safety_instruction_set", ["no hats"], [{"value": {}}],
        "safety_instruction_set",
    ),
    (
        characters.CharacterUpdate, "visibility", ["public", "private", "", None], ["friends", 7],
        "visibility",
    ),
    (characters.CharacterQuery, "limit", [1, "1", 100, ""], [0, "0", "-1", "many"], "limit"),
    (create.SoraCreateVideo, "prompt", ["x" * 32_000], ["x" * 32_001, 7], "prompt"),
    (create.CreateStoryboard, "prompt", ["x" * 32_000], ["x" * 32_001], "prompt"),
    (create.CreateImages, "prompt", ["x" * 32_000], ["x" * 32_001], "prompt"),
    (create.EnhancePrompt, "prompt", ["x" * 32_000], ["x" * 32_001], "prompt"),
    (create.SoraExtendVideo, "user_prompt", ["x" * 32_000], ["x" * 32_001], "user_prompt"),
    (create.SoraExtendVideo, "extension_duration_s", [10, 15, "15"], [9, 11, 14, 16, True],
     "extension_duration_s"),
    (create.SoraCreateVideo, "kind", ["video", "VIDEO", "", None], ["image"], "kind"),
    (create.SoraCreateVideo, "model", ["sy_ore"], [7], "model"),
    (
        create.SoraCreateVideo, "orientation", ["portrait", "landscape", "square", " Portrait "],
        ["round", 7], "orientation",
    ),
    (create.SoraCreateVideo, "size", ["small", "medium", "large", "LARGE"], ["huge"], "size"),
    (create.SoraCreateVideo, "n_frames", [150, "300", 301], ["many", 1.5, 10**30], "n_frames"),
    (
        create.SoraCreateVideo, "style_id",
        ["festive", "kakalaka", "news", "selfie", "handheld", "golden", "anime", "retro",
         "nostalgic", "comic", "Vintage"],
        ["noir", 7], "style_id",
    ),
    *(
        (schema, "priority", ["low", "Normal", "high"], ["urgent", 2], "priority")
        for schema in (create.SoraCreateVideo, create.CreateImages, create.SoraExtendVideo)
    ),
    (create.SoraCreateVideo, "nsamples", [1, 4, "4"], [0, 5], "nsamples"),
    (create.SoraCreateVideo, "cameo_ids", [[], ["ch_1"] * 2], [["ch_1"] * 3], "cameo_ids"),
    (create.SoraCreateVideo, "cameo_ids", [None], [[7]], "cameo_ids[0]"),
    (create.SoraCreateVideo, "remix_target_id", ["s_1", "", None], [7], "remix_target_id"),
    (create.SoraCreateVideo, "inpaint_items", [[], [{}]], [[{}, {}], "x"], "inpaint_items"),
    (create.SoraCreateVideo, "inpaint_items", [], [[7]], "inpaint_items[0]"),
    (
        create.SoraCreateVideo, "inpaint_items",
        [[{"kind": kind}] for kind in ("upload", "file", "generation", "", None)],
        [[{"kind": "reference"}]], "inpaint_items[0].kind",
    ),
    (
        create.SoraCreateVideo, "inpaint_items", [[{"upload_id": "media_1"}]], [[{"upload_id": 7}]],
        "inpaint_items[0].upload_id",
    ),
    (create.CreateImages, "type", ["image_gen"], ["video_gen"], "type"),
    (create.CreateImages, "operation", ["simple_compose", "remix", "Remix"], ["x"], "operation"),
    (create.CreateImages, "width", [1, 4_096, "4096"], [0, 4_097], "width"),
    (create.CreateImages, "height", [1, 4_096], [0, 4_097], "height"),
    (create.CreateImages, "n_variants", [1, 4], [0, 5], "n_variants"),
    (create.CreateImages, "n_frames", [1, "1", None], [0, 2], "n_frames"),
    (create.CreateImages, "inpaint_items", [[{}] * 4], [[{}] * 5], "inpaint_items"),
    (
        create.EnhancePrompt, "expansion_level", ["short", "medium", "long", None],
        ["huge", "Short"], "expansion_level",
    ),
    (
        create.EnhancePrompt, "duration_s", [5, 10, 15, 20, 25, "25", ""], [0, 4, 6, 26],
        "duration_s",
    ),
    (create.ImageUpload, "file", [FILE], ["x"], "file"),
    (drafts.DraftQuery, "limit", ["1", ""], ["0", "x"], "limit"),
    (drafts.TaskQuery, "limit", ["1"], ["0"], "limit"),
    (
        posts.PublishPost, "attachments_to_create", [[ATTACHMENT]],
        [[], [ATTACHMENT, ATTACHMENT], "x"], "attachments_to_create",
    ),
    (
        posts.PublishPost, "attachments_to_create", [[{**ATTACHMENT, "kind": "sora"}]],
        [[{**ATTACHMENT, "kind": "image"}]], "attachments_to_create[0].kind",
    ),
    (
        posts.PublishPost, "attachments_to_create", [], [[{}], [{"generation_id": None}]],
        "attachments_to_create[0].generation_id",
    ),
    (
        posts.PublishPost, "post_text", ["x" * 2_000, "", None], ["x" * 2_001, 7, "a\ud800b"],
        "post_text",
    ),
    (posts.FeedQuery, "limit", ["1"], ["0"], "limit"),
    (
        posts.PublicFeedQuery, "cut", ["nf2_latest", "nf2_top", "nf2", ""], ["top"], "cut",
    ),
    (posts.MentionQuery, "intent", ["users", "cameo", ""], ["people"], "intent"),
    (posts.MentionQuery, "limit", ["1"], ["0"], "limit"),
]  # fmt: skip

PAGES = [
    characters.CharacterQuery, drafts.DraftQuery, drafts.TaskQuery, posts.FeedQuery,
    posts.PublicFeedQuery, posts.MentionQuery,
]  # fmt: skip


def refused(schema: type[RequestSchema], fields: dict[str, Any]) -> str | None:
    try:
        parse(schema, fields)
    except (HinodeError, RequestError) as error:
        return error.param
    pytest.fail(f"{schema.__name__} takes {fields}")


@pytest.mark.parametrize("schema", MINIMAL, ids=lambda one: one.__name__)
def test_a_minimal_request_passes_with_fields_that_nobody_knows(
    schema: type[RequestSchema],
) -> None:
    assert parse(schema, {**MINIMAL[schema], "something_new": {"deep": None}})


@pytest.mark.parametrize(("schema", "field"), REQUIRED)
@pytest.mark.parametrize("absent", [None, ""], ids=["null", "empty"])
def test_a_required_field_is_missed_by_name(
    schema: type[RequestSchema], field: str, absent: str | None
) -> None:
    without = {name: value for name, value in MINIMAL[schema].items() if name != field}

    assert refused(schema, without) == field
    assert refused(schema, {**without, field: absent}) == field


@pytest.mark.parametrize(("schema", "expected"), DEFAULTS)
def test_defaults_hold(schema: type[RequestSchema], expected: dict[str, Any]) -> None:
    absent = parse(schema, MINIMAL[schema])
    null = parse(schema, {**MINIMAL[schema], **dict.fromkeys(expected)})

    for found in (absent, null):
        assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(("schema", "field", "passing", "failing", "param"), BOUNDS)
def test_bounds_hold(
    schema: type[RequestSchema], field: str, passing: list[Any], failing: list[Any], param: str
) -> None:
    for value in passing:
        parse(schema, {**MINIMAL[schema], field: value})
    for value in failing:
        assert refused(schema, {**MINIMAL[schema], field: value}) == param, value


@pytest.mark.parametrize("schema", PAGES)
def test_longer_pages_than_allowed_are_the_longest(schema: type[Any]) -> None:
    limits = [parse(schema, {"limit": given}).limit for given in ("99", "100", "101", "5000")]

    assert limits == [99, 100, 100, 100]


def test_cursors_name_the_end_of_the_page_before() -> None:
    some_id = new_id()
    task, post, character = (
        encode_short_id("task_", some_id),
        encode_id("s_", some_id),
        encode_id("ch_", some_id),
    )

    assert parse(drafts.TaskQuery, {"before": task}).before_job == some_id
    assert parse(posts.FeedQuery, {"cursor": post}).after == some_id
    assert parse(posts.PublicFeedQuery, {"cursor": f"{10**18 - 1}.{post}"}).after_rank is not None
    assert parse(characters.CharacterQuery, {"cursor": character}).before == some_id
    after = parse(drafts.DraftQuery, {"cursor": encode_short_id("gen_", some_id, 2)}).after
    assert after is not None
    assert (after.job_id, after.output) == (some_id, 2)


def test_cursors_of_something_else_are_refused() -> None:
    for read in (
        lambda: parse(drafts.TaskQuery, {"before": "x"}).before_job,
        lambda: parse(drafts.DraftQuery, {"cursor": "x"}).after,
        lambda: parse(posts.FeedQuery, {"cursor": "x"}).after,
        lambda: parse(posts.PublicFeedQuery, {"cursor": f"{10**18}.s_{'0' * 32}"}).after_rank,
        lambda: parse(characters.CharacterQuery, {"cursor": "ch_1"}).before,
    ):
        with pytest.raises(HinodeError) as refusal:
            read()
        assert refusal.value.param in ("before", "cursor")


def test_instructions_are_one_text_whatever_their_form() -> None:
    listed: Any = {"value": [{"type": "text", "value": "be kind"}, "wear a hat"]}

    for given, text in (("be kind", "be kind"), (listed, "be kind\nwear a hat"), ({}, None)):
        assert parse(characters.CharacterUpdate, {"instruction_set": given}).instruction_set == text


@pytest.mark.parametrize("schema", [create.VideoImage, create.ImageSource])
def test_no_source_is_named_by_default(schema: type[RequestSchema]) -> None:
    named = parse(schema, {}).model_dump(exclude={"kind"})
    assert set(named.values()) == {None}


def test_a_log_in_by_username_needs_no_address() -> None:
    given = parse(auth.LogInRequest, {"username": "mika", "password": "12345678"})
    assert (given.email, given.username) == (None, "mika")


def test_defaults_of_nested_objects_hold() -> None:
    for absent in ({}, {"kind": None}, {"kind": ""}):
        published: Any = {"attachments_to_create": [{**ATTACHMENT, **absent}]}
        assert parse(posts.PublishPost, published).attachments_to_create[0].kind == "sora"
        framed: Any = {"prompt": "a cat", "inpaint_items": [absent]}
        items = parse(create.SoraCreateVideo, framed).inpaint_items
        assert items is not None
        assert items[0].kind == "upload"
