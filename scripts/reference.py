"""Writes the reference pages that are made from the code and the tests.

`python scripts/reference.py` writes them; a test fails when they are out of date.
"""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel

from hinode import create_app, load_settings, open_services
from hinode.api.openai.action_schemas import CreateCharacter
from hinode.api.openai.chat.app_tasks import TEMPLATES
from hinode.api.openai.chat.request import CreateCompletion
from hinode.api.openai.images.requests import CreateImage, EditImage, VaryImage
from hinode.api.openai.video_requests import CreateVideo, EditVideo, ExtendVideo, RemixVideo
from hinode.api.parsing import RequestSchema
from hinode.api.sora.create.schemas import CreateImages, SoraCreateVideo, SoraExtendVideo
from hinode.api.tasks.schemas import CreateTask, TaskInput
from hinode.cli.main import app
from hinode.config.engines import EngineSettings
from hinode.config.models import ModelSettings, PriceSettings
from hinode.config.moderation import ModerationSettings
from hinode.config.oidc import OidcSettings
from hinode.config.plans import PlanSettings
from hinode.config.settings import Settings
from hinode.config.text_model import TextModelSettings
from hinode.core.accounts.types import Plan
from hinode.engines.comfyui.settings import (
    BindSettings,
    ExtraParamSettings,
    FrameCountSettings,
    WorkflowSettings,
)
from hinode.engines.hosted.settings import ProviderSettings
from hinode.engines.kinds import EngineKind, engine_kinds
from hinode.engines.remote.settings import ServerSettings, UpstreamSettings
from hinode.hosted_models.types import Ability, HostedModel

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs" / "reference"
RECORD = ROOT / "tests" / "contracts" / "proven.json"
HABITS = ROOT / "tests" / "contracts" / "client_habits.toml"
OPENAI = frozenset({"OpenAI", "Signed URLs"})
TASKS = frozenset({"Tasks"})
SORA = frozenset({"Sora"})
ADMIN = frozenset({"Admin"})
STUDIO = frozenset({"App"})
_WORKFLOW_ENVIRONMENT = "HINODE_ENGINES__NAME__WORKFLOWS__NAME"
TRUTHS = {
    "proven_by_official_client": "client",
    "from_captured_traffic": "traffic",
    "our_choice": "ours",
    "": "ours",
}


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings",
        "",
        "Each setting is read from the command line where a command has it, else from the",
        "environment, else from `hinode.toml` in the data folder (or the file that `HINODE_CONFIG`",
        "names), else its default holds. In the environment a list is `a,b` or JSON, and a table",
        "is JSON.",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(Settings, "", "HINODE_"),
        "",
        "Per engine, in a table `[engines.NAME]`:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(EngineSettings, "", "HINODE_ENGINES__NAME__"),
        "",
        "With a `kind` it is an engine on another server",
        "([remote-engines.md](../howto/remote-engines.md)), with these settings and its kind's:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(ServerSettings, "", "HINODE_ENGINES__NAME__"),
        "",
        "Kinds whose servers take parameters by their names have these as well:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_own_rows(UpstreamSettings, ServerSettings, "HINODE_ENGINES__NAME__"),
        "",
        *_kind_tables(),
        *_workflow_tables(),
        "Per model, in a table `[models.NAME]`; see [models.md](models.md). A new model needs",
        "`sizes`, `price` and, for videos, `seconds`; a built-in one keeps what is not given.",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(ModelSettings, "", "HINODE_MODELS__NAME__"),
        "",
        "A model's price, as a number or as a table `[models.NAME.price]`:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(PriceSettings, "", "HINODE_MODELS__NAME__PRICE__"),
        "",
        "Per plan, in a table `[plans.free]`, `[plans.plus]`, `[plans.pro]` or `[plans.team]`; the",
        "defaults are those of each plan in turn:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_plan_rows(),
        "",
        "Single sign-on, in a table `[oidc]`:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(OidcSettings, "", "HINODE_OIDC__"),
        "",
        "The text model, in a table `[text_model]`:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(TextModelSettings, "", "HINODE_TEXT_MODEL__"),
        "",
        "Moderation, in a table `[moderation]`:",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(ModerationSettings, "", "HINODE_MODERATION__"),
        "",
        "```toml",
        "# ~/.hinode/hinode.toml",
        "port = 9000",
        "retention_hours = 168",
        "",
        "[engines.preview]",
        "concurrency = 2",
        "```",
        "",
    ]
    return "\n".join(lines)


def _rows(model: Any, prefix: str, environment: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        bare = default in (None, "", {}, ()) or isinstance(default, BaseModel)
        shown = "" if bare else str(default).replace("\\", "/")
        code = f"`{shown}`" if shown else "–"
        yield f"| `{prefix}{name}` | `{environment}{name.upper()}` | {code} | {field.description} |"


def _kind_tables() -> Iterator[str]:
    """Return a table of each registered kind of engine: what it has or says besides the shared."""
    for name, kind in sorted(engine_kinds().items()):
        yield from (
            f'`kind = "{name}"`{", with accounts in place of a key" if kind.has_accounts else ""}:',
            "",
            "| hinode.toml | environment | default | what it does |",
            "|---|---|---|---|",
            *_own_rows(kind.settings, _shared_settings(kind), "HINODE_ENGINES__NAME__"),
            "",
        )


def _shared_settings(kind: EngineKind) -> type[BaseModel]:
    by_name = issubclass(kind.settings, UpstreamSettings)
    return UpstreamSettings if by_name else ServerSettings


def _workflow_tables() -> Iterator[str]:
    """Return the tables of a workflow of ComfyUI and of what it has in tables of its own."""
    for place, settings in (
        ("", WorkflowSettings),
        (".bind", BindSettings),
        (".extra_params.NAME", ExtraParamSettings),
        (".frames", FrameCountSettings),
    ):
        yield from (
            f"A workflow of ComfyUI, `[engines.NAME.workflows.NAME{place}]`:",
            "",
            "| hinode.toml | environment | default | what it does |",
            "|---|---|---|---|",
            *_rows(settings, "", _WORKFLOW_ENVIRONMENT + place.upper().replace(".", "__") + "__"),
            "",
        )


def _own_rows(model: Any, shared: Any, environment: str) -> Iterator[str]:
    """Return the rows of what a model has besides the shared settings, or says otherwise."""
    return (
        row for row in _rows(model, "", environment) if row not in _rows(shared, "", environment)
    )


def _plan_rows() -> Iterator[str]:
    plans = [getattr(Settings.model_fields["plans"].default, plan) for plan in Plan]
    for name, field in PlanSettings.model_fields.items():
        defaults = ", ".join(str(getattr(plan, name)) for plan in plans)
        variable = f"HINODE_PLANS__NAME__{name.upper()}"
        yield f"| `{name}` | `{variable}` | `{defaults}` | {field.description} |"


def cli_page() -> str:
    """Return the page of all commands and their options."""
    lines = ["# Commands", "", "`hinode COMMAND --help` shows the same."]
    for path, command in _commands(typer.main.get_command(app), "hinode"):
        lines += ["", f"## {path}", "", _sentence(command.help), ""]
        lines += [f"- `{_names(option)}`: {option.help}" for option in _described(command)]
    return "\n".join([*lines, ""])


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", {})
    for name, one in below.items():
        yield from _commands(one, f"{path} {name}")
    if not below:
        yield path, command


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _described(command: Any) -> list[Any]:
    return [one for one in command.params if getattr(one, "help", None) and one.name != "help"]


def _names(option: Any) -> str:
    if option.param_type_name == "argument":
        return str(option.name).upper()
    return ", ".join([*option.opts, *option.secondary_opts])


def openai_page() -> str:
    """Return the coverage table of the OpenAI dialect."""
    remark = "Every route below `/v1` is served below `/sora/v1` and `/openai/v1` too."
    return _coverage("The OpenAI dialect", remark, OPENAI)


def tasks_page() -> str:
    """Return the coverage table of the tasks dialect."""
    return _coverage("The tasks dialect", "It shares its jobs with the other dialects.", TASKS)


def sora_page() -> str:
    """Return the coverage table of the Sora dialect."""
    remark = "It is one server: what is made here is a job in the other dialects too."
    return _coverage("The Sora backend dialect", remark, SORA)


def admin_page() -> str:
    """Return the coverage table of the admin API."""
    return _coverage("The admin API", "It is [ours](../howto/admin-api.md).", ADMIN)


def studio_page() -> str:
    """Return the page of the account's and the web app's calls."""
    remark = "They are [ours](../howto/web-app.md)."
    return _coverage("The account and the web app", remark, STUDIO)


def _coverage(title: str, remark: str, dialects: frozenset[str]) -> str:
    """Return a table of routes and statuses, and where each is proven."""
    proven = json.loads(RECORD.read_text(encoding="utf-8"))
    lines = [
        f"# {title}: what is served, and where it is proven",
        "",
        f"{remark} *Truth* says where the",
        "expectation comes from: **client**, the official SDK asks for it or accepts nothing else;",
        "**traffic**, it was captured or published; **ours**, nobody published an answer, this is",
        "our choice. Made by `make coverage`; fields and errors are at `/docs` of a server.",
        "",
        "| route | status | truth | proven by |",
        "|---|---|---|---|",
    ]
    for route in routes(dialects):
        for status, proof in proven.get(route, {}).items():
            truth = TRUTHS[proof["truth"]]
            name = proof["test"].removeprefix("tests/")
            lines.append(f"| `{route}` | {status} | {truth} | `{name}` |")
    return "\n".join([*lines, ""])


def routes(dialects: frozenset[str] | None = None) -> list[str]:
    """Return the routes that a server documents for these dialects, or all."""
    with tempfile.TemporaryDirectory() as folder:
        services = open_services(load_settings(data=folder))
        paths = create_app(services).state.openapi()["paths"]
        services.close()
    operations = (
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if dialects is None or operation["tags"][0].partition(":")[0] in dialects
    )
    return sorted(operations, key=lambda route: route.split(" ")[::-1])


def compatibility_page() -> str:
    """Return the names of other servers that each create reads, and those without effect."""
    lines = [
        "# Names that other clients send",
        "",
        "Fields of other servers' APIs that are read as ours, and documented fields that change",
        "nothing here. Any other unknown field is named in the header `x-hinode-ignored` and in",
        "the answer of a create (`ignored`); one that carries a file, a reference or a callback is",
        "refused by its name; with the setting `strict_fields` all are. In the Sora dialect",
        "unknown fields are never refused. Proven by `tests/integration/test_unread_fields.py`.",
        "In brackets: who sends a name; the others come from clients of several gateways.",
        "",
        "| route | field | also read as |",
        "|---|---|---|",
        *_synonym_rows(),
        "",
        "| route | accepted without effect |",
        "|---|---|",
        *_without_effect_rows(),
        "",
        "## Requests that chat apps make by themselves",
        "",
        "They begin with these texts and render nothing (`answer_app_tasks`). Proven by",
        "`tests/integration/test_chat_apps.py`.",
        "",
        "| app | version | message | beginning |",
        "|---|---|---|---|",
        *_app_rows(),
        "",
        "## What programs do, and the tests that hold it",
        "",
        "| habit | programs | proven by |",
        "|---|---|---|",
        *_habit_rows(),
    ]
    return "\n".join([*lines, ""])


def _synonym_rows() -> Iterator[str]:
    for route, (schema, prefix) in CREATES.items():
        by_name: dict[str, list[str]] = {}
        for other, name in schema.synonyms.items():
            who = f" ({SENT_BY[other]})" if other in SENT_BY else ""
            by_name.setdefault(name, []).append(f"`{prefix}{other}`{who}")
        for name, others in by_name.items():
            yield f"| `{route}` | `{prefix}{name}` | {', '.join(others)} |"


def _without_effect_rows() -> Iterator[str]:
    for route, (schema, prefix) in CREATES.items():
        names = ", ".join(f"`{prefix}{name}`" for name in sorted(schema.without_effect))
        if names:
            yield f"| `{route}` | {names} |"


def _app_rows() -> Iterator[str]:
    for one in TEMPLATES:
        shown = one.prefix.replace("\n", " ")
        yield f"| {one.app} | {one.version} | {one.role} | {shown} |"


def _habit_rows() -> Iterator[str]:
    for one in habits():
        tests = ", ".join(f"`{test.removeprefix('tests/')}`" for test in one["tests"])
        yield f"| {one['what']} | {one['who']} | {tests} |"


def habits() -> list[dict[str, Any]]:
    """Return what programs of others do, each with the tests that hold it."""
    found: list[dict[str, Any]] = tomllib.loads(HABITS.read_text(encoding="utf-8"))["habit"]
    return found


CREATES: dict[str, tuple[type[RequestSchema], str]] = {
    "POST /v1/videos": (CreateVideo, ""),
    "POST /v1/videos/{video_id}/remix": (RemixVideo, ""),
    "POST /v1/videos/edits": (EditVideo, ""),
    "POST /v1/videos/extensions": (ExtendVideo, ""),
    "POST /v1/chat/completions": (CreateCompletion, ""),
    "POST /v1/images/generations": (CreateImage, ""),
    "POST /v1/images/edits": (EditImage, ""),
    "POST /v1/images/variations": (VaryImage, ""),
    "POST /v1/videos/generations": (CreateTask, ""),
    "POST /v1/videos/generations (input)": (TaskInput, "input."),
    "POST /v1/videos/characters": (CreateCharacter, ""),
    "POST /backend/nf/create": (SoraCreateVideo, ""),
    "POST /backend/video_gen": (CreateImages, ""),
    "POST …/long_video_extension": (SoraExtendVideo, ""),
}

SENT_BY = {
    "n_seconds": "Azure's video jobs",
    "n_variants": "Azure's video jobs",
    "num_outputs_per_prompt": "SGLang's and vLLM-Omni's clients",
    "steps": "clients of LocalAI and of diffusers",
    "generate_sound": "vLLM-Omni's clients",
    "input_references": "vLLM-Omni's and OpenRouter's clients",
    "image": "new-api's clients",
    "callBackUrl": "the task API's own clients",
    "remix_target_id": "the Sora backend's clients",
    "remix_id": "clients of the OpenAI dialect",
    "style": "clients of the OpenAI dialect",
    "input_reference": "clients of the OpenAI dialect",
    "seconds": "clients of the OpenAI dialect",
}
"""Who sends a name, where it was seen; others are of clients of several gateways."""


def hosted_models_page() -> str:
    """Return the page of the models of hosted providers."""
    lines = [
        "# Models of hosted providers",
        "",
        "Named as `upstream` of a model whose engine is of that kind, they bring their sizes and",
        "lengths: a request is fitted to them, or refused. Read in the official SDKs on the date",
        "that `src/hinode/hosted_models/` names; of other models of a provider, set `sizes` and",
        "`seconds` yourself. How to use them: [hosted-providers](../howto/hosted-providers.md).",
        "",
        "| kind | upstream | seconds | sizes, the usual first | takes |",
        "|---|---|---|---|---|",
        *(
            _hosted_row(name, one)
            for name, kind in sorted(engine_kinds().items())
            if issubclass(kind.settings, ProviderSettings)
            for one in kind.settings.known_models
        ),
    ]
    return "\n".join(lines) + "\n"


def _hosted_row(kind: str, model: HostedModel) -> str:
    first, *_, last = (model.seconds[0], *model.seconds)
    seconds = f"{first}–{last}" if model.step == 1 else ", ".join(map(str, model.seconds))
    sizes = ", ".join(str(one.size) for one in model.canvases)
    takes = ", ".join(
        one.name.lower().replace("_", " ") for one in Ability if one in model.abilities and one.name
    )
    return f"| `{kind}` | `{model.name}` | {seconds} | {sizes} | {takes} |"


PAGES = {
    "compatibility.md": compatibility_page,
    "settings.md": settings_page,
    "cli.md": cli_page,
    "openai.md": openai_page,
    "tasks.md": tasks_page,
    "sora.md": sora_page,
    "admin.md": admin_page,
    "studio.md": studio_page,
    "hosted-models.md": hosted_models_page,
}

if __name__ == "__main__":
    DOCS.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
