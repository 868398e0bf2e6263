"""Writes the reference pages that are made from the code: settings and commands.

`python scripts/reference.py` writes them; a test fails when they are out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from hinode.cli.main import app
from hinode.config import EngineSettings, ModelSettings, Settings

DOCS = Path(__file__).parent.parent / "docs" / "reference"


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings",
        "",
        "Each setting is read from the command line where a command has it, else from the",
        "environment, else from `hinode.toml` in the data folder (or the file that `HINODE_CONFIG`",
        "names), else its default holds. Lists and tables in the environment are JSON.",
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
        "Per model, in a table `[models.NAME]`; see [models.md](models.md). A new model needs",
        "`sizes`, `price` and, for videos, `seconds`; a built-in one keeps what is not given.",
        "",
        "| hinode.toml | environment | default | what it does |",
        "|---|---|---|---|",
        *_rows(ModelSettings, "", "HINODE_MODELS__NAME__"),
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
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, "", {}, ()) else str(default).replace("\\", "/")
        code = f"`{shown}`" if shown else "–"
        yield f"| `{prefix}{name}` | `{environment}{name.upper()}` | {code} | {field.description} |"


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


PAGES = {"settings.md": settings_page, "cli.md": cli_page}

if __name__ == "__main__":
    DOCS.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
