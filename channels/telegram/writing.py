"""Our messages as Bot API methods: HTML of the styles, buttons, pictures, one method a piece."""

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Final

from aiogram.methods import SendDocument, SendMessage, SendPhoto, SendVideo
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from channels.button_values import button_value
from channels.messages import Card, Choices, Media, Option, OutboundContent, Text
from channels.pieces import size
from channels.styled import Run, Runs, cut, markup, parse, words
from channels.telegram.limits import BUSINESS, CALLBACK_DATA_MAX, CAPABILITIES, CAPTION_MAX

Method = SendMessage | SendPhoto | SendDocument | SendVideo

_TAGS: Final = {"bold": "b", "italic": "i", "code": "code"}
#: Labels this short may stand two in a row.
_SHORT: Final = 18
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


def methods_of(content: OutboundContent, *, chat_id: int, thread: str | None) -> list[Method]:
    """Return the calls that show `content`, in order; buttons go with the last."""
    found: list[Method] = []
    match content:
        case Text():
            found += _texts(parse(content.text), chat_id)
        case Media():
            found += _media(content, chat_id)
        case Choices():
            found += _texts(parse(content.text), chat_id)
            _add_buttons(found, content.options)
        case Card():
            found += _card(content, chat_id)
            _add_buttons(found, content.options)
    return [_placed(method, thread) for method in found]


def plain_second_try(method: Method) -> Method:
    """Return the same call without styles, for a text whose markup was refused."""
    if isinstance(method, SendMessage):
        return method.model_copy(update={"text": _unmarked(method.text), "parse_mode": None})
    caption = _unmarked(method.caption) if method.caption else None
    return method.model_copy(update={"caption": caption, "parse_mode": None})


def html(runs: Runs) -> str:
    """Return runs as the HTML Telegram reads; every character of the text is escaped."""
    return markup(runs, _html)


def _html(run: Run) -> str:
    text = escape(run.text, quote=False)
    for style, tag in _TAGS.items():
        if style in run.styles:
            text = f"<{tag}>{text}</{tag}>"
    if run.url is not None and run.url.startswith(("https://", "http://", "mailto:", "tel:")):
        text = f'<a href="{escape(run.url)}">{text}</a>'
    return text


def _unmarked(text: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", text))


def _texts(runs: Runs, chat_id: int) -> list[Method]:
    # What an attacker could make of nothing but marks would be no message at all.
    pieces = cut(runs, CAPABILITIES) or [(Run("…"),)]
    return [
        SendMessage(
            chat_id=chat_id,
            text=html(piece),
            parse_mode="HTML",
            link_preview_options=_NO_PREVIEW,
        )
        for piece in pieces
    ]


def _media(media: Media, chat_id: int) -> list[Method]:
    caption = parse(media.caption) if media.caption else ()
    if media.mime not in CAPABILITIES.media:
        link = Run(media.url, frozenset(), media.url)
        return _texts((*caption, Run("\n"), link) if caption else (link,), chat_id)
    short = size(words(caption), "utf16_units") <= CAPTION_MAX
    shown = html(caption) if caption and short else None
    mode = None if shown is None else "HTML"
    file: Method
    match media.mime.partition("/")[0]:
        case "image" if media.mime != "image/gif":
            file = SendPhoto(chat_id=chat_id, photo=media.url, caption=shown, parse_mode=mode)
        case "video":
            file = SendVideo(chat_id=chat_id, video=media.url, caption=shown, parse_mode=mode)
        case _:
            file = SendDocument(
                chat_id=chat_id, document=media.url, caption=shown, parse_mode=mode
            )
    return [file] if short else [file, *_texts(caption, chat_id)]


def _card(card: Card, chat_id: int) -> list[Method]:
    runs: list[Run] = [Run(card.title, frozenset({"bold"}))]
    if card.text:
        runs += [Run("\n"), *parse(card.text)]
    if card.link is not None:
        runs += [Run("\n"), Run(card.link.label, frozenset(), card.link.url)]
    whole = tuple(runs)
    if card.image_url is None:
        return _texts(whole, chat_id)
    if size(words(whole), "utf16_units") <= CAPTION_MAX:
        picture = SendPhoto(
            chat_id=chat_id, photo=card.image_url, caption=html(whole), parse_mode="HTML"
        )
        return [picture]
    return [SendPhoto(chat_id=chat_id, photo=card.image_url), *_texts(whole, chat_id)]


def _add_buttons(methods: list[Method], options: Sequence[Option]) -> None:
    if options and methods:
        methods[-1] = methods[-1].model_copy(update={"reply_markup": _keyboard(options)})


def _keyboard(options: Sequence[Option]) -> InlineKeyboardMarkup:
    rows: list[list[InlineKeyboardButton]] = []
    for option in options:
        label = "".join(run.text for run in parse(option.label)) or option.label
        most = CAPABILITIES.label_max
        text = label if len(label) <= most else f"{label[: most - 1]}…"
        if option.url is not None:
            button = InlineKeyboardButton(text=text, url=option.url)
        else:
            data = button_value(option.value, most=CALLBACK_DATA_MAX)
            button = InlineKeyboardButton(text=text, callback_data=data)
        beside = rows and len(rows[-1]) == 1 and len(rows[-1][0].text) <= _SHORT
        if beside and len(text) <= _SHORT:
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def _placed(method: Method, thread: str | None) -> Method:
    """Return the call for a topic or a business connection."""
    if thread is None:
        return method
    if thread.startswith(BUSINESS):
        update: dict[str, object] = {"business_connection_id": thread.removeprefix(BUSINESS)}
    else:
        update = {"message_thread_id": int(thread)} if thread.isdecimal() else {}
    return method.model_copy(update=update)
