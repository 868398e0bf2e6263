"""`hinode job`: list, show, cancel and retry the jobs of all accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list

if TYPE_CHECKING:
    from hinode.core.jobs.job_admin import JobView
    from hinode.core.jobs.reviews import JobReview

app = typer.Typer(
    help="List, show, cancel and retry the jobs of all accounts.", no_args_is_help=True
)

JobId = Annotated[str, typer.Argument(metavar="ID", help="The job, as in the list, or video_….")]
# Not the enum of the core, which takes SQLAlchemy along at every start.
StatusName = Literal["queued", "running", "completed", "failed", "canceled"]
_HEAD = ("id", "account", "status", "model", "engine", "credits", "created", "error")


@app.command("list")
def list_jobs(
    status: Annotated[StatusName | None, typer.Option(help="Only jobs with this status.")] = None,
    account: Annotated[str | None, typer.Option(help="Only jobs of this account.")] = None,
    model: Annotated[str | None, typer.Option(help="Only jobs of this model.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of jobs, newest first.")
    ] = 50,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List jobs, newest first: held or charged credits, and why they failed."""
    from hinode.core.jobs.job_admin import JobSelection
    from hinode.core.jobs.types import JobState
    from hinode.core.pagination import PageQuery

    with options.services(data, database) as services:
        query = JobSelection(account, [JobState(status)] if status else [], model)
        found = services.core.job_admin.page(query, PageQuery(limit)).items
    print_list(found, _HEAD, _row, _object, as_json=as_json)


@app.command("show")
def show(
    job: JobId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Show a job: its prompt, its tries, its engine, its credits, and why it failed."""
    from hinode.api.admin.jobs import parse_job_id

    with options.services(data, database) as services:
        view = services.core.job_admin.view(parse_job_id(job))
    _print(view, as_json=as_json)


@app.command("cancel")
def cancel(
    job: JobId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Cancel a job that has not ended; its credits are given back."""
    from hinode.api.admin.jobs import parse_job_id

    with options.services(data, database) as services:
        view = services.core.job_admin.cancel(parse_job_id(job))
    typer.echo(f"Canceled {view.job.id} of '{view.account.name}'.", err=True)
    if as_json:
        _print(view, as_json=True)


@app.command("retry")
def retry(
    job: JobId,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Render a job again that has ended: a new job with the same request, paid by its account."""
    from hinode.api.admin.jobs import parse_job_id

    with options.services(data, database) as services:
        view = services.core.job_admin.retry(parse_job_id(job))
    words = f"{view.job.price} credits of '{view.account.name}' are held"
    typer.echo(f"{job} is rendered again as {view.job.id}; {words}.", err=True)
    if as_json:
        _print(view, as_json=True)
    else:
        typer.echo(str(view.job.id))


def _print(view: JobView, *, as_json: bool) -> None:
    from hinode.api.admin.jobs import job_detail

    if as_json:
        print_json(job_detail(view))
        return
    for label, value in _lines(view).items():
        if value:
            typer.echo(f"{label:<10} {value}")


def _lines(view: JobView) -> dict[str, str]:
    """Return the lines that describe a job; empty ones are left out."""
    job, plan = view.job, view.job.plan
    ahead = view.queue_position
    return {
        "id": str(job.id),
        "account": view.account.name,
        "key": str(job.key_id or ""),
        "status": f"{job.state} ({job.progress} %)" if not job.state.ended else job.state,
        "left": "" if view.remaining_seconds is None else f"about {view.remaining_seconds} s",
        "queue": "" if ahead is None else f"{ahead} jobs before it",
        "error": _error(view),
        "moderation": "; ".join(_review(one) for one in view.reviews),
        "model": job.model,
        "engine": job.engine if job.upstream is None else f"{job.engine} ({job.upstream})",
        "request": f"{job.action} {job.kind}, {plan.outputs} x {plan.width}x{plan.height}, "
        f"{plan.frames} frames at {plan.fps} fps, seed {plan.seed}",
        "parent": str(job.parent_id or ""),
        "retry of": str(job.options.retry_of or ""),
        "prompt": job.prompt,
        "credits": f"price {job.route_price} there, {_credits(view)}",
        "tries": f"{job.dispatch_no + 1} ({job.submit_failures} failed submits, "
        f"{job.resume_count} resumes, the collecting among them)",
        "created": _timestamp(job.created_at),
        "started": _timestamp(job.started_at),
        "ended": _timestamp(job.ended_at),
        "deadline": "" if job.state.ended else _timestamp(job.deadline_at),
        "expires": _timestamp(job.expires_at),
    }


def _review(one: JobReview) -> str:
    found = one.review
    told = ", ".join((*found.labels, *([found.reason] if found.reason else [])))
    return f"{found.verdict} at {one.stage}" + (f" ({told})" if told else "")


def _object(view: JobView) -> dict[str, Any]:
    from hinode.api.admin.jobs import job_object

    return job_object(view)


def _row(view: JobView) -> tuple[str, ...]:
    job = view.job
    return (
        str(job.id),
        view.account.name,
        job.state.value,
        job.model,
        job.engine,
        _credits(view),
        _timestamp(job.created_at),
        "" if job.error is None else job.error.code,
    )


def _credits(view: JobView) -> str:
    job = view.job
    return f"{job.charged} charged" if job.state.ended else f"{job.price} held"


def _error(view: JobView) -> str:
    error = view.job.error
    return "" if error is None else f"{error.message} ({error.code})"


def _timestamp(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
