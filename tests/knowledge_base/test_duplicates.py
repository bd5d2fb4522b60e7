"""Articles that say nearly the same are known, and each pair is read once."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base import duplicates
from knowledge_base.articles import read_articles
from knowledge_base.duplicates import Twins, say_the_same

FOLDER = Path(__file__).parent / "articles"


def test_twins_are_those_that_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever comes first, the answer is that of the comparison, which is made once."""
    articles = [a for a in read_articles(FOLDER, ["en", "zh"]) if a.language == "en"]
    articles.append(replace(articles[0], id="copy", title="Another title"))
    twins = Twins(articles)
    pairs = [(one, other) for one in range(len(articles)) for other in range(one)]
    expected = [say_the_same(articles[one], articles[other]) for one, other in pairs]

    first = [twins(one, other) for one, other in pairs]
    monkeypatch.setattr(duplicates, "say_the_same", None)
    again = [twins(other, one) for one, other in pairs]

    assert first == again == expected
    assert any(expected)
    assert not all(expected)
