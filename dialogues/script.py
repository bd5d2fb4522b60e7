"""The script a customer writes Chinese in, and replies shown in it."""

from channels.messages import Card, Choices, Media, OutboundContent, Text
from nlu.scripts import prefers_traditional
from nlu.text import normalise
from nlu.traditional import Region, traditional


def note_script(text: str, *, before: bool) -> bool:
    """Return whether a customer reads Traditional characters, by what they wrote now.

    Args:
        text: what they wrote; much of it is the same in both scripts.
        before: what was known of them.
    """
    found = prefers_traditional(normalise(text))
    return before if found is None else found


def in_traditional(content: OutboundContent, region: Region) -> OutboundContent:
    """Return `content` with every text that is read in Traditional characters; values stay."""

    def shown(text: str) -> str:
        return traditional(text, region)

    match content:
        case Text():
            return content.model_copy(update={"text": shown(content.text)})
        case Media():
            caption = shown(content.caption) if content.caption else content.caption
            return content.model_copy(update={"caption": caption})
        case Choices() | Card():
            options = tuple(
                option.model_copy(update={"label": shown(option.label)})
                for option in content.options
            )
            changed: dict[str, object] = {"text": shown(content.text), "options": options}
            if isinstance(content, Card):
                changed["title"] = shown(content.title)
                if content.link is not None:
                    label = shown(content.link.label)
                    changed["link"] = content.link.model_copy(update={"label": label})
            return content.model_copy(update=changed)
