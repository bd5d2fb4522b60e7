"""`tributary token`: API tokens for programs."""

from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import select

from bots.commands.opened import opened
from bots.commands.terminal import console, errors, fail
from crm_store import api_tokens
from crm_store.database import utc_now

app = typer.Typer(help="Create, list and revoke API tokens.", no_args_is_help=True)


@app.command()
def create(name: Annotated[str, typer.Argument(help="Who or what will use it.")]) -> None:
    """Create a token and print it; it is stored as a hash and cannot be printed again."""
    with opened() as database, database.session() as session:
        token = api_tokens.create_token(session, name=name, now=utc_now())
    errors.print("Keep it safe: it cannot be shown again.", style="dim")
    typer.echo(token)


@app.command("list")
def list_tokens() -> None:
    """List tokens by name."""
    table = Table("name", "created (UTC)", "revoked (UTC)")
    with opened() as database, database.session() as session:
        for row in session.scalars(
            select(api_tokens.ApiToken).order_by(api_tokens.ApiToken.created_at)
        ):
            revoked = row.revoked_at.strftime("%Y-%m-%d %H:%M") if row.revoked_at else ""
            table.add_row(row.name, row.created_at.strftime("%Y-%m-%d %H:%M"), revoked)
    console.print(table)


@app.command()
def revoke(name: Annotated[str, typer.Argument(help="Name given at creation.")]) -> None:
    """Revoke all tokens of a name; programs that use them are refused at once."""
    with opened() as database, database.session() as session:
        count = api_tokens.revoke_token(session, name, now=utc_now())
    if not count:
        raise fail(f"no valid token is called {name!r}; `tributary token list` shows them")
    console.print(f"revoked {count}")
