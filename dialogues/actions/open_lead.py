"""Opens a lead and computes its score from what the customer said; every point has a reason."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import JsonValue

from crm_store.leads import change_lead, find_lead, open_lead
from dialogues.action import ActionError, ActionTurn, Input, Output, text

INPUTS: Final = {
    "need": Input(required=True),
    "product": Input(),
    "quantity": Input("number"),
    "timeline": Input(),
    "budget": Input(),
    "authority": Input(),
    "company": Input(),
    "name": Input(),
    "email": Input(),
    "phone": Input(),
    "country": Input(),
    "comment": Input(),
}
OUTPUTS: Final = {"score": Output("number"), "status": Output(), "lead": Output()}
REPEATABLE: Final = False

#: From this score on a lead that can be reached is worth a salesperson's time.
QUALIFIED: Final = 50

#: Smallest quantity -> points; the first that is reached counts.
QUANTITY_POINTS: Final = ((500, 30), (100, 25), (20, 15), (5, 8), (1, 3))

#: Mailboxes anybody can open say nothing about a company.
FREE_MAIL: Final = frozenset(
    {
        *("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com", "live.com"),
        *("aol.com", "proton.me", "gmx.de", "web.de"),
        *("qq.com", "163.com", "126.com", "sina.com", "foxmail.com"),
    }
)
_SOON: Final = re.compile(
    r"asap|urgent|today|tomorrow|now|right away|this (week|month)|next week|soon"
    r"|\d+ (days?|weeks?)\b"
    r"|尽快|马上|立即|今天|明天|本周|这周|下周|本月|这个月|紧急",
    re.IGNORECASE,
)


def run(turn: ActionTurn, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Open the lead and return its score and status."""
    need = text(inputs.get("need"))
    if need is None:
        raise ActionError
    details, reasons, points, qualified = _weigh(turn, inputs)
    lead, _ = open_lead(
        turn.session,
        turn.customer.id,
        conversation_id=turn.conversation_id,
        need=need,
        details=details,
        score=points,
        reasons=reasons,
        qualified=qualified,
        source=turn.source,
        now=turn.now,
    )
    turn.record(
        "lead_opened",
        {"lead": str(lead.id), "status": lead.status, "score": points, "reasons": reasons},
    )
    return {"score": points, "status": lead.status, "lead": str(lead.id)}


def amend(
    turn: ActionTurn, inputs: Mapping[str, JsonValue], results: Mapping[str, JsonValue]
) -> None:
    """Change the lead that was opened to what the customer says now, and weigh it again.

    Raises:
        ActionError: there is no such lead any more.
    """
    lead = find_lead(
        turn.session,
        turn.customer.id,
        lead_id=text(results.get("lead")),
        conversation_id=turn.conversation_id,
    )
    need = text(inputs.get("need"))
    if lead is None or need is None:
        raise ActionError("not_found")
    details, reasons, points, qualified = _weigh(turn, inputs)
    changed = change_lead(
        lead,
        need=need,
        details=details,
        score=points,
        reasons=reasons,
        qualified=qualified,
        now=turn.now,
    )
    if changed:
        turn.record(
            "lead_changed",
            {
                "lead": str(lead.id),
                "changed": changed,
                "status": lead.status,
                "score": points,
                "reasons": reasons,
            },
        )


def _weigh(
    turn: ActionTurn, inputs: Mapping[str, JsonValue]
) -> tuple[dict[str, JsonValue], list[dict[str, Any]], int, bool]:
    """Return the details, the reasons and points of the score, and whether it is enough."""
    details: dict[str, JsonValue] = {
        k: v for k, v in inputs.items() if k != "need" and v is not None and v != ""
    }
    for fact in ("name", "email", "phone", "company"):
        if fact not in details and (known := getattr(turn.customer, fact)):
            details[fact] = known
    reasons = score(details)
    points = min(100, sum(reason["points"] for reason in reasons))
    reachable = "email" in details or "phone" in details
    return details, reasons, points, reachable and points >= QUALIFIED


def score(details: Mapping[str, JsonValue]) -> list[dict[str, Any]]:
    """Return the reasons that make up the score, with their points, 0..100 together."""
    reasons: list[tuple[str, int]] = []
    if email := text(details.get("email")):
        free = email.rpartition("@")[2].lower() in FREE_MAIL
        reasons.append(("free_mail", 15) if free else ("business_mail", 25))
    if details.get("phone"):
        reasons.append(("phone", 15))
    if details.get("company"):
        reasons.append(("company", 15))
    quantity = details.get("quantity")
    if isinstance(quantity, int | float):
        points = next((p for least, p in QUANTITY_POINTS if quantity >= least), 0)
        reasons += [("quantity", points)] if points else []
    if timeline := text(details.get("timeline")):
        reasons.append(("soon", 15) if _SOON.search(timeline) else ("timeline", 8))
    reasons += [
        (name, points)
        for name, points in (("budget", 10), ("authority", 5), ("product", 5))
        if details.get(name)
    ]
    return [{"code": code, "points": points} for code, points in reasons]
