"""`hinode account`: create and list accounts, and grant credits."""

from __future__ import annotations

from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.tables import print_table
from hinode.core.accounts.types import Plan

app = typer.Typer(
    help="Create, list and ban accounts; grant credits; passwords and sessions.",
    no_args_is_help=True,
)

UNLIMITED = "unlimited"


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, dashes, underscores.")],
    given: Annotated[
        str,
        typer.Option(
            "--credits", metavar="N|unlimited", help="Credits at the start: a number or unlimited."
        ),
    ] = "0",
    plan: Annotated[Plan, typer.Option(help="The account's plan.")] = Plan.FREE,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Create an account; `hinode key create NAME --account …` then creates its keys."""
    unlimited = given == UNLIMITED
    if not unlimited and not given.isdecimal():
        raise typer.BadParameter("a whole number or unlimited", param_hint="--credits")
    amount = 0 if unlimited else int(given)
    with options.admin_commands(data, database) as admin:
        account = admin.create_account(name, plan, unlimited=unlimited, amount=amount)
    words = f"{given} credits"
    typer.echo(f"Created account '{account.name}' ({account.plan}, {words}).", err=True)


@app.command("grant")
def grant(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    amount: Annotated[int, typer.Argument(metavar="N", min=1, help="Credits to add.")],
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Grant an account credits."""
    with options.admin_commands(data, database) as admin:
        now = admin.grant(name, amount)
    left = UNLIMITED if now.unlimited else str(now.amount)
    typer.echo(f"Granted {amount} credits to '{name}'; it has {left}.", err=True)


@app.command("ban")
def ban(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    lift: Annotated[bool, typer.Option("--lift", help="Let it in again.")] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Ban an account: its keys and tokens stop working; its running jobs go on."""
    with options.admin_commands(data, database) as admin:
        admin.ban(name, banned=not lift)
    typer.echo(f"'{name}' is {'no longer banned' if lift else 'banned'}.", err=True)


@app.command("list")
def list_accounts(data: options.Data = None, database: options.Database = None) -> None:
    """List all accounts with their credits: left, held by unfinished jobs, spent."""
    with options.admin_commands(data, database) as admin:
        rows = [
            (
                account.name,
                f"{account.plan.value}, banned" if account.banned_at else account.plan.value,
                UNLIMITED if standing.balance is None else str(standing.balance),
                str(standing.held),
                str(standing.spent),
                f"{account.created_at:%Y-%m-%d}",
            )
            for account, standing in admin.list_accounts()
        ]
    print_table(("name", "plan", "credits", "held", "spent", "since"), rows)
