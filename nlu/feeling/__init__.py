"""How a message feels: sentiment, frustration and abuse, from words and signs alone.

Signals for people and rules to weigh with others; none of them decides anything by itself.
"""

from nlu.feeling.reading import ACTING, Feeling, feel
from nlu.feeling.sentiment import TELLING

__all__ = ["ACTING", "TELLING", "Feeling", "feel"]
