"""`hinode account`: create and list accounts, and grant credits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hinode.cli import options
from hinode.cli.tables import print_table
from hinode.core.accounts.types import Plan

if TYPE_CHECKING:
    from hinode.core.jobs.account_admin import AccountView
    from hinode.core.jobs.accounting import CreditSummary

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
    from hinode.core.jobs.account_admin import AccountCreate

    unlimited = given == UNLIMITED
    if not unlimited and not given.isdecimal():
        raise typer.BadParameter("a whole number or unlimited", param_hint="--credits")
    amount = 0 if unlimited else int(given)
    with options.account_admin(data, database) as admin:
        account = admin.create(AccountCreate(name, plan, unlimited, amount)).account
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
    with options.account_admin(data, database) as admin:
        left = _credits(admin.grant(None, name, amount).view.standing)
    typer.echo(f"Granted {amount} credits to '{name}'; it has {left}.", err=True)


@app.command("ban")
def ban(
    name: Annotated[str, typer.Argument(help="The account's name.")],
    lift: Annotated[bool, typer.Option("--lift", help="Let it in again.")] = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Ban an account: its keys and tokens stop working; its running jobs go on."""
    from hinode.core.jobs.account_admin import AccountUpdate

    with options.account_admin(data, database) as admin:
        admin.change(None, name, AccountUpdate(banned=not lift))
    typer.echo(f"'{name}' is {'no longer banned' if lift else 'banned'}.", err=True)


@app.command("list")
def list_accounts(data: options.Data = None, database: options.Database = None) -> None:
    """List all accounts with their credits: left, held by unfinished jobs, spent."""
    with options.account_admin(data, database) as admin:
        rows = [_row(view) for view in admin.every()]
    print_table(("name", "plan", "credits", "held", "spent", "since"), rows)


def _row(view: AccountView) -> tuple[str, ...]:
    account, standing = view.account, view.standing
    return (
        account.name,
        f"{account.plan.value}, banned" if account.banned_at else account.plan.value,
        _credits(standing),
        str(standing.held),
        str(standing.spent),
        f"{account.created_at:%Y-%m-%d}",
    )


def _credits(standing: CreditSummary) -> str:
    return UNLIMITED if standing.balance is None else str(standing.balance)
