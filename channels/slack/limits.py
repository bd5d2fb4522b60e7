"""What Slack can show and how much of it (Block Kit)."""

from typing import Final

from channels.contract import Capabilities

CAPABILITIES: Final = Capabilities(
    # All blocks of a message together hold some 13,000 characters; one text block holds 3,000.
    text_max=3000,
    choices_max=25,
    label_max=75,
    cards=True,
    markdown=True,
    media=frozenset({"image/png", "image/jpeg", "image/gif"}),
    # One message a second and channel; several channels at once may be faster.
    rate_per_second=20,
)
#: Buttons of one block that stand beside each other.
ROW_MAX: Final = 5
#: What a button may carry, bytes; the limit counts characters, of which each has at least one.
VALUE_MAX: Final = 2000
ALT_MAX: Final = 2000
