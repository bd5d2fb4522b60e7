"""Bubbles: what a phone shows, as data; words only, so that a page can show them as they are."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

Json = dict[str, Any]

#: Styles of Telegram's entities by their names here.
_ENTITIES: Final = {"bold": "bold", "italic": "italic", "code": "code", "text_link": "link"}


@dataclass(frozen=True, slots=True)
class Words:
    """Some words of one style."""

    text: str
    styles: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a phone."""

    mine: bool  #: the customer's own
    words: tuple[Words, ...] = ()
    buttons: tuple[str, ...] = ()  #: labels that can be pressed
    links: tuple[tuple[str, str], ...] = ()  #: labels that open an address
    picture: str | None = None
    key: str = ""


def of_telegram(message: Json, *, mine: bool) -> Bubble:
    """Return a Bot API message as it is shown."""
    text = str(message.get("text") or message.get("caption") or "")
    entities = message.get("entities") or message.get("caption_entities") or []
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    kinds = [name for name in ("photo", "video", "document") if message.get(name)]
    words = _telegram_words(text, entities)
    return Bubble(
        mine,
        words or tuple(Words(f"({kind})") for kind in kinds[:1]),
        tuple(str(b["text"]) for b in buttons if "callback_data" in b),
        tuple((str(b["text"]), str(b["url"])) for b in buttons if "url" in b),
        key=str(message["message_id"]),
    )


def _telegram_words(text: str, entities: list[Json]) -> tuple[Words, ...]:
    """Cut a text where its entities begin and end; their places count UTF-16 units."""
    raw = text.encode("utf-16-le")
    known = [e for e in entities if e["type"] in _ENTITIES]
    edges = {0, len(raw) // 2}
    for entity in known:
        edges |= {entity["offset"], entity["offset"] + entity["length"]}
    cuts = sorted(edges)
    found: list[Words] = []
    for start, end in pairwise(cuts):
        over = [e for e in known if e["offset"] <= start and end <= e["offset"] + e["length"]]
        url = next((str(e["url"]) for e in over if e["type"] == "text_link"), None)
        styles = tuple(sorted({_ENTITIES[e["type"]] for e in over} - {"link"}))
        found.append(Words(raw[start * 2 : end * 2].decode("utf-16-le"), styles, url))
    return tuple(found)


def of_slack(message: Json, *, mine: bool) -> Bubble:
    """Return a Slack message as it is shown."""
    words: list[Words] = []
    buttons: list[str] = []
    links: list[tuple[str, str]] = []
    picture: str | None = None
    for block in message.get("blocks") or ():
        match block["type"]:
            case "rich_text":
                for section in block["elements"]:
                    words += [_slack_words(each) for each in section["elements"]]
            case "image":
                picture = str(block["image_url"])
            case "actions":
                for each in block["elements"]:
                    label = str(each["text"]["text"])
                    if "url" in each:
                        links.append((label, str(each["url"])))
                    else:
                        buttons.append(label)
    if not words:
        words = [Words(str(message.get("text", "")))]
    return Bubble(
        mine, tuple(words), tuple(buttons), tuple(links), picture, key=str(message["ts"])
    )


def _slack_words(element: Json) -> Words:
    styles = tuple(sorted(element.get("style") or {}))
    return Words(str(element.get("text", "")), styles, element.get("url"))


def of_wechat(body: Json, *, key: str) -> Bubble:
    """Return what an official account sent, or answered passively, as it is shown."""
    kind = str(body.get("msgtype") or body.get("MsgType") or "")
    content = body.get(kind)
    inner: Json = content if isinstance(content, dict) else {}
    match kind:
        case "text":
            text = inner.get("content") or body.get("Content") or ""
            return Bubble(mine=False, words=(Words(str(text)),), key=key)
        case "msgmenu":
            head = "\n".join(
                str(inner[name]) for name in ("head_content", "tail_content") if inner.get(name)
            )
            labels = tuple(str(each["content"]) for each in inner.get("list") or ())
            return Bubble(mine=False, words=(Words(head),), buttons=labels, key=key)
        case "news":
            article = (inner.get("articles") or [{}])[0]
            title, url = str(article.get("title", "")), str(article.get("url", ""))
            words = (Words(title, ("bold",)), Words(f"\n{article.get('description', '')}"))
            return Bubble(
                mine=False,
                words=words,
                links=((title, url),),
                picture=article.get("picurl") or None,
                key=key,
            )
        case _:
            return Bubble(mine=False, words=(Words(f"({kind})"),), key=key)
