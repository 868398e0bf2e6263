"""The `hinode` command: its subcommands, and errors with their remedy."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from hinode._version import __version__
from hinode.cli import (
    account,
    account_auth,
    account_header,
    account_secret,
    clock,
    comfyui,
    config,
    doctor,
    engine,
    generate,
    inspect,
    job,
    key,
    login_link,
    model,
    move,
    secret,
    serve,
    webhook,
    worker,
)
from hinode.cli.audit import note_commands
from hinode.cli.error_messages import error_message

app = typer.Typer(
    name="hinode",
    help="An open, self-hosted Sora: serve its APIs and render with the engine you have.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("generate")(generate.generate)
app.command("inspect")(inspect.inspect)
app.command("doctor")(doctor.doctor)
app.command("login-link")(login_link.login_link)
app.add_typer(key.app, name="key")
account.app.command("secret")(account_secret.secret)
account.app.command("token")(account_auth.token)
account.app.command("logout")(account_auth.logout)
account.app.command("invite")(account_auth.invite)
account.app.command("password")(account_auth.password)
account.app.command("set")(account_auth.change)
account.app.add_typer(account_header.app, name="header")
app.add_typer(account.app, name="account")
app.add_typer(job.app, name="job")
app.add_typer(model.app, name="model")
app.add_typer(engine.app, name="engine")
app.add_typer(comfyui.app, name="comfyui")
app.add_typer(clock.app, name="clock")
app.add_typer(secret.app, name="secret")
app.add_typer(move.app, name="move")
app.add_typer(config.app, name="config")
app.add_typer(webhook.app, name="webhook")
note_commands(app, "hinode")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hinode {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Serve Sora's APIs over one durable core; `hinode serve` is the place to start."""


def main() -> None:
    """Run the command; a failure is one clear line on stderr and exit code 1."""
    try:
        app()
    except Exception as error:
        message = error_message(error)
        if message is None:
            raise
        typer.echo(f"Error: {message}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
