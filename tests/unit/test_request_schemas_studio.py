"""Bounds, defaults and choices of the web app's requests, of lists and of fields that many share.

Written by hand: each table has what the schemas must say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import BaseModel

from hinode.api.admin.accounts import CreateAccount, CreateDebit, ListAccounts, UpdateAccount
from hinode.api.admin.audit import ListAudit
from hinode.api.admin.engine_account_actions import ImportEngineAccounts
from hinode.api.admin.jobs import ListJobs
from hinode.api.admin.reports import ListAllLedger, ListDeliveries, ReportQuery
from hinode.api.delivery_objects import DeliveryQuery
from hinode.api.generation_parameters import VideoImageFields, VideoParameterFields
from hinode.api.openai.action_schemas import CreateCharacter
from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.estimates import EstimateVideo
from hinode.api.openai.images.requests import ImageOptions
from hinode.api.openai.video_requests import GenerationOptions
from hinode.api.parsing import parse
from hinode.api.shape import ShapeFields
from hinode.api.signup_body import SignUpBody
from hinode.api.sora.characters.schemas import CameoUpload
from hinode.api.sora.create.schemas import CreateImages, SoraCreateVideo
from hinode.api.studio.archive import ArchivedJobs
from hinode.api.studio.jobs import JobIds, ListLibrary, UpdateJob
from hinode.api.studio.keys import CreateOwnKey, UpdateOwnKey
from hinode.api.studio.login import AppLink, AppLogIn
from hinode.api.studio.profile import ChangePassword, UpdateMe
from hinode.api.tasks.schemas import TaskInput
from hinode.core.auth.types import Priority
from hinode.core.errors import HinodeError

Schema = type[BaseModel]

PAGE = {"limit": 20}
REQUIRED: dict[Schema, dict[str, Any]] = {
    AppLogIn: {"username": "ada", "password": "p"},
    SignUpBody: {"email": "ada@example.com", "password": "p"},
    AppLink: {"token": "t"},
    ChangePassword: {"new_password": "p"},
    CreateOwnKey: {"name": "ci"},
    JobIds: {"ids": ["one"]},
    ArchivedJobs: {"ids": ["one"]},
    CreateAccount: {"name": "acme"},
    CreateDebit: {"credits": 1},
    ImportEngineAccounts: {"engine": "far", "tokens": []},
    CreateCompletion: {"model": "sora-2", "messages": [{"role": "user", "content": "a fox"}]},
    EstimateVideo: {"prompt": "a fox"},
    ImageOptions: {"prompt": "a fox"},
    SoraCreateVideo: {"prompt": "a fox"},
    CreateImages: {"prompt": "a fox"},
    TaskInput: {"prompt": "a fox", "duration": "10", "aspect_ratio": "16:9"},
}
SIDES = {"width": 64, "height": 64}
"""One is never sent without the other."""

NO_LIMITS = {
    "models": [],
    "networks": [],
    "max_priority": Priority.NORMAL,
    "local_only": False,
}
OWN_KEYS = (CreateOwnKey, UpdateOwnKey)

DEFAULTS: list[tuple[Schema, dict[str, Any]]] = [
    (SignUpBody, REQUIRED[SignUpBody]),
    (ChangePassword, REQUIRED[ChangePassword]),
    (UpdateMe, {}),
    (UpdateJob, {}),
    (UpdateAccount, {}),
    (CreateOwnKey, {**REQUIRED[CreateOwnKey], **NO_LIMITS, "strict_fields": False}),
    (UpdateOwnKey, NO_LIMITS),
    (ListLibrary, PAGE),
    (ListAllLedger, PAGE),
    (ListDeliveries, PAGE),
    (DeliveryQuery, PAGE),
    (ListJobs, PAGE),
    (ListAudit, PAGE),
    (ListAccounts, {**PAGE, "sort": "created"}),
    (ReportQuery, {}),
    (ImportEngineAccounts, {"engine": "far", "mode": "offline", "tokens": []}),
    (ShapeFields, {}),
    (VideoParameterFields, {"lora": (), "extra_params": {}}),
    (VideoImageFields, {"last_frame": (), "reference_images": ()}),
]
LEFT_OUT: list[tuple[Schema, str, Any]] = [
    (CreateCharacter, "consent", False),
    (CameoUpload, "consent", False),
    (CreateCompletion, "remix_id", None),
    (EstimateVideo, "has_first_frame", False),
    (EstimateVideo, "edit_of", None),
    (EstimateVideo, "extension_of", None),
    (GenerationOptions, "style", None),
    (SoraCreateVideo, "seed", None),
    (CreateImages, "seed", None),
    (TaskInput, "seed", None),
    (TaskInput, "style", None),
]
NUMBERS: list[tuple[Schema, str, int, int]] = [
    *((one, name, 0, 1_000_000_000) for one in OWN_KEYS for name in (
        "spend_hour", "spend_day", "spend_total",
    )),
    *((one, name, 1, 1_000_000_000) for one in OWN_KEYS for name in (
        "per_minute", "max_unfinished",
    )),
    *((one, "expires_at", 0, 221_845_391_999) for one in OWN_KEYS),
    (CreateDebit, "credits", 1, 1_000_000_000_000),
    *((one, "seed", 0, 4_294_967_295) for one in (TaskInput, SoraCreateVideo, CreateImages)),
    *((one, side, 1, 99_999) for one in (ShapeFields, ImageOptions) for side in (
        "width", "height",
    )),
    (VideoParameterFields, "num_frames", 1, 100_000),
    (VideoParameterFields, "fps", 1, 240),
    (VideoParameterFields, "num_inference_steps", 1, 200),
    (VideoParameterFields, "guidance_scale", 0, 20),
    (VideoParameterFields, "guidance_scale_2", 0, 20),
    (VideoParameterFields, "frame_interpolation_exp", 1, 3),
    (VideoParameterFields, "upscaling_scale", 2, 4),
]  # fmt: skip
TEXTS: list[tuple[Schema, str, int]] = [
    (AppLogIn, "username", 1_000),
    (AppLogIn, "password", 1_000),
    (SignUpBody, "email", 1_000),
    (SignUpBody, "password", 1_000),
    (AppLink, "token", 1_000),
    (ChangePassword, "current_password", 1_000),
    (ChangePassword, "new_password", 1_000),
    (UpdateAccount, "password", 1_000),
    (UpdateMe, "email", 1_000),
    (UpdateMe, "display_name", 80),
    *((one, "name", 80) for one in OWN_KEYS),
    (UpdateJob, "title", 200),
    (ListLibrary, "q", 200),
    (VideoParameterFields, "negative_prompt", 32_000),
]
LISTS: list[tuple[Schema, str, int, int]] = [
    (JobIds, "ids", 1, 100),
    (ArchivedJobs, "ids", 1, 50),
    *((one, name, 0, 100) for one in OWN_KEYS for name in ("models", "networks")),
]
CHOICES: list[tuple[Schema, str, Sequence[str]]] = [
    (ListLibrary, "kind", ("video", "image")),
    (ListAllLedger, "kind", ("grant", "hold", "settle", "refund")),
    (DeliveryQuery, "status", ("pending", "delivered", "failed", "dropped")),
    *((one, "role", ("user", "operator")) for one in (CreateAccount, UpdateAccount, ListAccounts)),
    (
        ListAccounts,
        "sort",
        (
            "created",
            "-created",
            "name",
            "-name",
            "balance",
            "-balance",
            "spent",
            "-spent",
        ),
    ),
    (ImportEngineAccounts, "mode", ("offline", "at", "st", "rt")),
    (ShapeFields, "orientation", ("portrait", "landscape", "square")),
]


def request(schema: Schema, **given: Any) -> Any:
    beside = SIDES if SIDES.keys() & given.keys() else {}
    return parse(schema, {**REQUIRED.get(schema, {}), **beside, **given})


@pytest.mark.parametrize(("schema", "given"), DEFAULTS)
def test_what_is_left_out_asks_for_nothing(schema: Schema, given: dict[str, Any]) -> None:
    parsed = request(schema).model_dump()
    assert {name: one for name, one in parsed.items() if one is not None} == given


@pytest.mark.parametrize(("schema", "field", "default"), LEFT_OUT)
def test_a_field_has_its_default(schema: Schema, field: str, default: object) -> None:
    assert schema.model_fields[field].get_default() is default


@pytest.mark.parametrize(("schema", "field", "low", "high"), NUMBERS)
def test_a_number_keeps_its_bounds(schema: Schema, field: str, low: int, high: int) -> None:
    for good in (low, high):
        assert getattr(request(schema, **{field: good}), field) == good
    for bad in (low - 1, high + 1):
        refused(schema, field, bad)


@pytest.mark.parametrize(("schema", "field", "most"), TEXTS)
def test_a_text_keeps_its_length(schema: Schema, field: str, most: int) -> None:
    assert getattr(request(schema, **{field: "x" * most}), field) == "x" * most
    refused(schema, field, "x" * (most + 1))


@pytest.mark.parametrize(("schema", "field", "fewest", "most"), LISTS)
def test_a_list_keeps_its_length(schema: Schema, field: str, fewest: int, most: int) -> None:
    for good in ([f"m{n}" for n in range(count)] for count in (fewest, most)):
        assert getattr(request(schema, **{field: good}), field) == good
    refused(schema, field, ["m"] * (most + 1))
    if fewest:
        refused(schema, field, ["m"] * (fewest - 1))


@pytest.mark.parametrize(("schema", "field", "choices"), CHOICES)
def test_a_choice_is_one_of_its_own(schema: Schema, field: str, choices: Sequence[str]) -> None:
    for good in choices:
        assert getattr(request(schema, **{field: good}), field) == good
    refused(schema, field, "another")


def test_an_own_key_may_use_some_parts_of_the_api_but_not_none() -> None:
    parts = ["chat", "images", "videos", "tasks", "sora"]
    for schema in OWN_KEYS:
        assert request(schema, scopes=parts).scopes == parts
        for bad in ([], ["admin"]):
            refused(schema, "scopes", bad)


def refused(schema: Schema, field: str, bad: object) -> None:
    with pytest.raises(HinodeError) as caught:
        request(schema, **{field: bad})
    assert caught.value.param is not None
    assert caught.value.param.partition("[")[0].partition(".")[0] == field
