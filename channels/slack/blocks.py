"""Our messages as Block Kit: rich text, so that no words of a customer are ever markup."""

from typing import Any, Final

from channels.button_values import button_value
from channels.messages import Card, Choices, Media, Option, OutboundContent, Text, fallback_text
from channels.slack.limits import ALT_MAX, CAPABILITIES, ROW_MAX, VALUE_MAX
from channels.styled import Run, Runs, cut, parse, words

Json = dict[str, Any]

_LINKS: Final = ("https://", "http://", "mailto:", "tel:")


def payloads_of(content: OutboundContent) -> list[Json]:
    """Return `text` and `blocks` of each message that shows `content`; buttons with the last."""
    options: tuple[Option, ...] = ()
    head: list[Json] = []
    match content:
        case Text():
            runs = parse(content.text)
        case Media():
            runs, head = _media(content)
        case Choices():
            runs, options = parse(content.text), content.options
        case Card():
            runs, options = _card(content), content.options
            if content.image_url is not None:
                head = [_image(content.image_url, content.title)]
    pieces = cut(runs, CAPABILITIES)
    payloads: list[Json] = [{"text": escape(words(p)), "blocks": [_rich_text(p)]} for p in pieces]
    if not payloads:
        text = escape(fallback_text(content))[: CAPABILITIES.text_max] or "…"
        payloads.append({"text": text, "blocks": []})
    payloads[0]["blocks"] = head + payloads[0]["blocks"]
    payloads[-1]["blocks"] += _rows(options)
    return payloads


def escape(text: str) -> str:
    """Return `text` with the three characters escaped by which Slack's markup begins."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _card(card: Card) -> Runs:
    runs: list[Run] = [Run(card.title, frozenset({"bold"}))]
    if card.text:
        runs += [Run("\n"), *parse(card.text)]
    if card.link is not None:
        runs += [Run("\n"), Run(card.link.label, frozenset(), card.link.url)]
    return tuple(runs)


def _media(media: Media) -> tuple[Runs, list[Json]]:
    caption = parse(media.caption) if media.caption else ()
    if media.mime in CAPABILITIES.media and media.url.startswith(("https://", "http://")):
        return caption, [_image(media.url, words(caption) or media.mime)]
    link = Run(media.url, frozenset(), media.url)
    return ((*caption, Run("\n"), link) if caption else (link,)), []


def _image(url: str, alt: str) -> Json:
    return {"type": "image", "image_url": url, "alt_text": alt[:ALT_MAX]}


def _rich_text(runs: Runs) -> Json:
    elements = [_element(run) for run in runs]
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "elements": [section]}


def _element(run: Run) -> Json:
    style = {name: True for name in sorted(run.styles)}
    if run.url is not None and run.url.startswith(_LINKS):
        element: Json = {"type": "link", "url": run.url, "text": run.text}
    else:
        element = {"type": "text", "text": run.text}
    return element | ({"style": style} if style else {})


def _rows(options: tuple[Option, ...]) -> list[Json]:
    buttons = [_button(number, option) for number, option in enumerate(options)]
    return [
        {"type": "actions", "elements": buttons[start : start + ROW_MAX]}
        for start in range(0, len(buttons), ROW_MAX)
    ]


def _button(number: int, option: Option) -> Json:
    label = words(parse(option.label)) or option.label
    most = CAPABILITIES.label_max
    text = label if len(label) <= most else f"{label[: most - 1]}…"
    button: Json = {
        "type": "button",
        "action_id": f"option.{number}",
        "text": {"type": "plain_text", "text": text, "emoji": True},
    }
    if option.url is not None:
        return button | {"url": option.url}
    return button | {"value": button_value(option.value, most=VALUE_MAX)}
