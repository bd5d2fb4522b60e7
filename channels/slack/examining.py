"""How a Slack account stands: whose token it is, and where Slack has to deliver."""

from channels.contract import Misconfigured, SendResult
from channels.examination import Finding, webhook_path


def findings(
    result: SendResult, who: dict[str, object], *, account: str, links: bool, url: str | None
) -> list[Finding]:
    """Return how the account stands.

    Args:
        result: what came of asking Slack whose token it is.
        who: what Slack answered.
        account: as `bot.yml` names it.
        links: whether deliveries come over a socket.
        url: how Slack reaches us.
    """
    if isinstance(result, Misconfigured):
        return [Finding("fault", result.cause, "see OAuth & Permissions of the app")]
    if not who:
        said = getattr(result, "cause", "") or type(result).__name__
        return [Finding("fault", f"Slack cannot be asked: {said}", "check network and proxy")]
    found = [Finding("fine", f"the token is that of {who.get('user')} in {who.get('team')}")]
    if links:
        return [*found, Finding("fine", "deliveries come over a socket")]
    if url is None:
        note = "TRIBUTARY_PUBLIC_URL is not set: Slack cannot reach this server"
        return [*found, Finding("fault", note, "set it, or give an app_token for Socket Mode")]
    address = url.rstrip("/") + webhook_path("slack", account)
    if not address.startswith("https://"):
        note = f"Slack delivers over https only, not to {address}"
        return [*found, Finding("fault", note, "set TRIBUTARY_PUBLIC_URL to an https address")]
    note = f"Event Subscriptions and Interactivity must name {address}"
    return [*found, Finding("note", note, "the app's settings at api.slack.com/apps")]
