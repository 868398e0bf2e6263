"""`hinode comfyui`: bind the inputs of a workflow, and check the workflows of the settings."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.generate_options import fail
from hinode.cli.output import print_json, print_table

if TYPE_CHECKING:
    from hinode.engines.comfyui.check import EngineReport, Finding
    from hinode.engines.comfyui.graph import Graph
    from hinode.engines.comfyui.guessing import GuessedWorkflow
    from hinode.engines.comfyui.settings import ComfyUISettings

app = typer.Typer(help="Bind and check workflows of ComfyUI.", no_args_is_help=True)

_DEFAULT_URL = "http://127.0.0.1:8188"


@app.command("bind")
def bind(
    file: Annotated[Path, typer.Argument(help='Workflow in API format: "Export (API)".')],
    url: Annotated[
        str | None, typer.Option("--url", help="ComfyUI to check it against; else none is asked.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="Name of the engine.")] = "studio",
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the workflow. [default: the file's]")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", help="Node that saves. [default: found]")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="New file for the TOML; else it is printed.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Guess the bindings of a workflow, tell how sure each is, and write its settings as TOML."""
    from hinode.engines.comfyui.guessing import guess_workflow
    from hinode.engines.comfyui.written_settings import settings_toml

    graph = _read(file)
    found = guess_workflow(graph, output)
    workflow = name or re.sub(r"[^A-Za-z0-9._-]+", "-", file.stem).strip("-._") or "workflow"
    findings = _check_bindings(graph, found, file, url)
    toml = settings_toml(
        found,
        file=str(file.absolute()),
        engine=engine,
        workflow=workflow,
        url=url or _DEFAULT_URL,
        more=[one.setting for one in findings if one.setting],
    )
    if as_json:
        print_json(_guessed_object(found, findings, toml))
    else:
        _show(graph, found, findings)
    if write is not None:
        _write_new(write, toml)
        typer.echo(f"Written: {write}. Add it to hinode.toml when it is right.", err=True)
    elif not as_json:
        typer.echo(toml, nl=False)
    if any(one.is_error for one in findings):
        raise typer.Exit(1)


def _write_new(file: Path, toml: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(toml)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        fail(f"{file} cannot be written: {reason}. Name a new file in a folder that is there.")


def _read(file: Path) -> Graph:
    from hinode.engines.comfyui.graph import WorkflowError, parse_graph

    try:
        return parse_graph(file.read_bytes())
    except WorkflowError as error:
        raise WorkflowError(f"{file}: {error}") from None


def _check_bindings(
    graph: Graph, found: GuessedWorkflow, file: Path, url: str | None
) -> list[Finding]:
    """Check the guessed settings as those of hinode.toml are checked, and against the server."""
    from hinode.engines.comfyui.check import Finding, check_engine
    from hinode.engines.comfyui.settings import ComfyUISettings, WorkflowSettings
    from hinode.engines.comfyui.workflow import workflow_of

    if not any(one.binding == "prompt" for one in found.guesses):
        return [Finding(file.name, "It has no prompt that could be bound.")]
    given = {
        "file": str(file), "output": found.output,
        "bind": {one.binding: one.targets for one in found.guesses},
    }  # fmt: skip
    workflow_of(file.name, WorkflowSettings.model_validate(given), graph)
    if url is None:
        return []
    workflows = {"workflow": given}  # nothing is rendered, so any origin will do
    settings = {"kind": "comfyui", "url": url, "origin": "trained", "workflows": workflows}
    report = asyncio.run(check_engine("bind", ComfyUISettings.model_validate(settings)))
    return list(report.findings)


def _show(graph: Graph, found: GuessedWorkflow, findings: list[Finding]) -> None:
    from hinode.engines.comfyui.graph import split_target

    for one in found.guesses:
        for target in one.targets:
            node = graph[split_target(target)[0]]
            typer.echo(
                f"{one.binding:<20} {target:<20} {one.confidence.value:<7} "
                f"{node.class_type}: {one.reason}",
                err=True,
            )
    known = found.checkpoint
    rule = f"{known.name}: {known.rule}" if known else "none; state sizes, frames and fps"
    typer.echo(f"{'output':<20} {found.output:<20} {graph[found.output].class_type}", err=True)
    typer.echo(f"{'rules of a model':<20} {rule}", err=True)
    if not found.has_model:
        typer.echo("Note: no model was seen in it; say `origin` in the engine's table.", err=True)
    for note in found.notes:
        typer.echo(f"Note: {note}", err=True)
    for finding in findings:
        typer.echo(f"{'Error' if finding.is_error else 'Note'}: {finding.message}", err=True)
    typer.echo("", err=True)


def _guessed_object(found: GuessedWorkflow, findings: list[Finding], toml: str) -> dict[str, Any]:
    return {
        "output": found.output,
        "kind": "video" if found.makes_video else "image",
        "model": found.checkpoint.name if found.checkpoint else None,
        "origin": "trained" if found.has_model else None,
        "bindings": [
            {
                "name": one.binding, "targets": list(one.targets),
                "confidence": one.confidence.value, "reason": one.reason,
            }
            for one in found.guesses
        ],
        "notes": list(found.notes),
        "findings": [_finding_object(one) for one in findings],
        "toml": toml,
    }  # fmt: skip


@app.command("check")
def check(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """Check the workflows of the settings against their servers; nothing is rendered."""
    reports = asyncio.run(check_engines(comfyui_engines(options.read_settings(data, database))))
    if as_json:
        print_json([_report_object(one) for one in reports])
    else:
        print_table(
            ("engine", "workflow", "status", "detail"),
            [row for one in reports for row in _rows(one)],
        )
    if not reports:
        typer.echo('No engine of kind "comfyui" is in hinode.toml.', err=True)
    if not all(one.is_usable for one in reports):
        raise typer.Exit(1)


def comfyui_engines(settings: Any) -> dict[str, ComfyUISettings]:
    """Return the engines of the settings that are servers of ComfyUI."""
    from hinode.engines.comfyui.settings import ComfyUISettings

    return {name: one for name, one in settings.engines.items() if isinstance(one, ComfyUISettings)}


async def check_engines(engines: dict[str, ComfyUISettings]) -> list[EngineReport]:
    """Check several engines side by side."""
    from hinode.engines.comfyui.check import check_engine

    return list(await asyncio.gather(*(check_engine(*one) for one in engines.items())))


def _rows(report: EngineReport) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (report.engine, one.workflow, "BAD" if one.is_error else "note", one.message)
        for one in report.findings
    ]
    if report.is_usable:
        rows.insert(0, (report.engine, "", "ok", f"ComfyUI {report.version} at {report.url}"))
    return rows


def _report_object(report: EngineReport) -> dict[str, Any]:
    return {
        "engine": report.engine,
        "url": report.url,
        "version": report.version or None,
        "usable": report.is_usable,
        "findings": [_finding_object(one) for one in report.findings],
    }


def _finding_object(one: Finding) -> dict[str, Any]:
    return {"workflow": one.workflow, "message": one.message, "is_error": one.is_error}
