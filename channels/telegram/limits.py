"""What Telegram can show and how much of it (Bot API 10.2)."""

from datetime import timedelta
from typing import Final

from channels.contract import Capabilities

#: Buttons of one message that still read well on a phone; the API would take a hundred.
CHOICES_MAX: Final = 13

CAPABILITIES: Final = Capabilities(
    text_max=4096,
    text_unit="utf16_units",
    choices_max=CHOICES_MAX,
    label_max=64,
    markdown=True,
    media=frozenset({"image/png", "image/jpeg", "image/gif", "application/pdf", "video/mp4"}),
    rate_per_second=30,
)
#: Longest text under a picture, in UTF-16 units.
CAPTION_MAX: Final = 1024
#: What a button may carry, bytes.
CALLBACK_DATA_MAX: Final = 64
#: How long a business account's bot may answer after the customer's last message.
BUSINESS_WINDOW: Final = timedelta(hours=24)
#: Messages that a business right is counted as; Telegram names no number.
BUSINESS_MESSAGES: Final = 1000
#: Prefix of a thread that is a business connection rather than a topic.
BUSINESS: Final = "business."
