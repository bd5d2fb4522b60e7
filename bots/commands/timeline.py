"""`tributary timeline CUSTOMER`: everything that happened with one customer, readably."""

from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bots.commands.opened import opened
from bots.commands.terminal import console, fail, plain, print_json
from channels.messages import OutboundContent, fallback_text
from crm_store import timeline
from crm_store.customers import ChannelIdentity, Customer

#: Longest text shown of one entry, in code points, unless all is asked for.
LINE_MAX = 160

_OUTBOUND: TypeAdapter[OutboundContent] = TypeAdapter(OutboundContent)


def find(session: Session, wanted: str) -> list[Customer]:
    """Return customers whose id begins so, or whose e-mail, phone, name or peer is `wanted`."""
    try:
        customer = session.get(Customer, UUID(wanted))
        if customer is not None:
            return [customer]
    except ValueError:
        pass
    by_peer = select(ChannelIdentity.customer_id).where(ChannelIdentity.peer == wanted)
    found = session.scalars(
        select(Customer)
        .where(
            or_(
                Customer.email == wanted.lower(),
                Customer.phone == wanted,
                Customer.name == wanted,
                Customer.id.in_(by_peer),
            ),
            Customer.merged_into.is_(None),
        )
        .limit(20)
    )
    return list(found)


def summary(kind: str, data: dict[str, Any]) -> str:
    """Return one line that tells what an entry is about."""
    content = data.get("content")
    if isinstance(content, dict):
        match content.get("kind"):
            case "text":
                return str(content["text"])
            case "choice":
                return f"▸ {content.get('label') or content['value']}"
            case "choices" | "card" | "media":
                return fallback_text(_OUTBOUND.validate_python(content))
            case other:
                return f"({other})"
    parts = (f"{name}={value}" for name, value in data.items() if value not in (None, "", {}, []))
    return " ".join(parts) or kind


def run(
    customer: Annotated[
        str, typer.Argument(help="Id, e-mail, phone (+86…), name or channel peer of a customer.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Newest entries shown.")] = 200,
    whole: Annotated[bool, typer.Option("--whole", help="Show whole texts.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Print a customer's timeline over all channels."""
    with opened() as database, database.session() as session:
        found = find(session, customer)
        if len(found) != 1:
            if not found:
                raise fail(f"no customer is known by {customer!r}")
            ids = "\n".join(f"  {each.id}  {each.name or ''}" for each in found)
            raise fail(f"several customers are known by {customer!r}; give one of the ids:\n{ids}")
        person = found[0]
        entries = timeline.read(session, person.id, limit=limit)
    if as_json:
        print_json({"customer_id": person.id, "entries": entries})
        return
    facts = (person.name, person.company, person.email, person.phone, person.stage, person.tier)
    console.print(
        Text(plain(" · ".join(fact for fact in facts if fact)) or "unnamed", style="bold")
    )
    console.print(f"{person.id}\n", style="dim")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(no_wrap=True, style="dim", justify="right")
    table.add_column(overflow="fold")
    day = None
    for entry in entries:
        if (date := entry["at"].date()) != day:
            day = date
            table.add_row(Text(f"{day} (UTC)", style="bold"))
        line = summary(entry["kind"], entry["data"])
        if not whole and (len(line) > LINE_MAX or "\n" in line):
            line = " ".join(line.split())
            line = line[:LINE_MAX] + "…" if len(line) > LINE_MAX else line
        what = entry["kind"].replace("_", " ")
        table.add_row(
            entry["at"].strftime("%H:%M:%S"),
            entry["actor"],
            f"{entry['channel']} · {what}",
            str(entry["seq"] or ""),
            Text(plain(line), style="" if "content" in entry["data"] else "italic"),
        )
    console.print(table)
    talks = {e["conversation_id"]: e["channel"] for e in entries if e["conversation_id"]}
    for key, channel in talks.items():
        console.print(f"\n{channel}: tributary why {key} [SEQ]", style="dim", markup=False, end="")
    console.print()
