"""Corrections of answers: who was given a text that is no longer right, and telling them.

Somebody is told once per correction and conversation, by the rules of `reach`, and only when the
part they were given did change.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import Final, Literal
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.contract import Capabilities
from channels.messages import Card, Link, OutboundContent, Text
from crm_store.outbox import OutboxItem
from crm_store.timeline import Entry, record
from dialogues.bot import Bot
from dialogues.citations import CITED, Citation, all_citations
from dialogues.reach import OBSTACLES, Obstacle, Reach, reach, write_to
from dialogues.responses import choose, insert, label
from knowledge_base.articles import Article
from knowledge_base.passages import split_passages
from knowledge_base.revisions import Revision, article_of, history, live_revision

#: Why somebody who was given the old text is not told.
Exclusion = Obstacle | Literal["told", "renewed", "unchanged"]

EXCLUSIONS: Final[Mapping[str, str]] = {
    **{str(name): why for name, why in OBSTACLES.items()},
    "told": "the customer was told of this correction already",
    "renewed": "the customer was given the corrected text since",
    "unchanged": "the part this customer was given did not change",
}

#: Longest quotation of the old and of the new text, in code points.
QUOTE_MAX: Final = 600
#: Ids of one query.
_MANY: Final = 500
_SENTENCE: Final = re.compile(r"[^.!?。！？\n]+(?:[.!?。！？]+(?=\s|$)|[。！？]+|[.!?]+|\n|$)")


class CorrectionError(Exception):
    """There is nothing to correct; the message says why."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who was given the old text, in one conversation."""

    citation: Citation  #: the newest of the old texts
    reached: Reach
    customer_id: UUID  #: of today, after any merging
    old: str  #: what changed of the part they were given, as it was
    new: str  #: and as it is now
    exclusion: Exclusion | None  #: None: can be told


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected article with everybody who was given what it said before."""

    article: Article  #: as it is now
    since: int  #: number of the first text that was not right
    live: int  #: number of the corrected text
    recipients: tuple[Recipient, ...]  #: the newest citations first

    @property
    def occasion(self) -> str:
        """Why these people are written to; nobody is written to twice for the same."""
        return f"correction:{self.article.id}:{self.article.language}:{self.article.version}"


def find_correction(
    session: Session,
    article_id: str,
    language: str,
    *,
    since: int,
    served: Mapping[tuple[str, str], Capabilities],
    now: datetime,
) -> Correction:
    """Return who was given an earlier text of an article, and who of them can be told.

    Args:
        session: to read with.
        article_id: the article.
        language: of the article.
        since: number of the first revision that was not right.
        served: what each account can, by channel and account name.
        now: UTC.

    Raises:
        CorrectionError: nothing is live, or nothing was live from `since` on.
    """
    live = live_revision(session, article_id, language)
    if live is None:
        message = f"{article_id} ({language}) is not live: publish the corrected text first"
        raise CorrectionError(message)
    if live.audience != "public":
        message = f"{article_id} ({language}) is for staff only now: customers may not be told it"
        raise CorrectionError(message)
    old = _old_texts(session, live, since)
    cited = all_citations(session, article_id, language=language, versions=old.keys())
    newest: dict[UUID, Citation] = {}
    for each in cited:
        if each.conversation_id is not None:
            newest.setdefault(each.conversation_id, each)
    renewed = {
        each.conversation_id: each.at
        for each in reversed(
            all_citations(session, article_id, language=language, versions=[live.version])
        )
    }
    correction = Correction(article_of(live), since, live.number, ())
    reached = reach(session, newest, served=served, now=now)
    told = _told(session, newest, correction.occasion)
    changes = _Changes(correction.article, old)
    recipients = tuple(
        _recipient(each, reached[key], changes, is_told=key in told, renewed_at=renewed.get(key))
        for key, each in newest.items()
    )
    return replace(correction, recipients=recipients)


def _recipient(
    citation: Citation,
    where: Reach,
    changes: "_Changes",
    *,
    is_told: bool,
    renewed_at: datetime | None,
) -> Recipient:
    before, after = changes.of(citation.version, citation.passage_id)
    exclusions: dict[Exclusion, bool] = {
        "told": is_told,
        "renewed": renewed_at is not None and renewed_at > citation.at,
        "unchanged": not before and not after,
    }
    found = next((name for name, holds in exclusions.items() if holds), None)
    return Recipient(
        citation=citation,
        reached=where,
        customer_id=where.customer_id or citation.customer_id,
        old=before,
        new=after,
        exclusion=found or where.obstacle,
    )


def _old_texts(session: Session, live: Revision, since: int) -> dict[str, Article]:
    """Return the texts that were live from revision `since` on, but for what is right now."""
    rows = history(session, live.article_id, live.language)
    old = {
        row.version: article_of(row)
        for row in rows
        if since <= row.number < live.number
        and row.live_from is not None
        and row.version != live.version
    }
    if not old:
        message = (
            f"{live.article_id} ({live.language}): no other text was live from revision {since} "
            f"to {live.number}, the live one; `tributary knowledge history` shows all"
        )
        raise CorrectionError(message)
    return old


def _told(session: Session, ids: Mapping[UUID, Citation], occasion: str) -> set[UUID]:
    keys = {uuid5(key, f"told/{occasion}"): key for key in ids}
    wanted = list(keys)
    found: set[UUID] = set()
    for start in range(0, len(wanted), _MANY):
        rows = select(OutboxItem.id).where(OutboxItem.id.in_(wanted[start : start + _MANY]))
        found |= {keys[key] for key in session.scalars(rows)}
    return found


class _Changes:
    """What changed of each passage of the old texts."""

    def __init__(self, article: Article, old: Mapping[str, Article]) -> None:
        self._new = [passage.plain for passage in split_passages(article)]
        self._everything = {s for passage in self._new for s in _sentences(passage)}
        self._old = {
            (version, passage.id): passage.plain
            for version, text in old.items()
            for passage in split_passages(text)
        }
        self.of = cache(self._of)

    def _of(self, version: str, passage_id: str) -> tuple[str, str]:
        """Return the sentences of a passage that are gone, and those in their place."""
        # Of a passage that is not known the whole article counts.
        before = self._old.get((version, passage_id)) or "\n".join(
            text for (each, _), text in self._old.items() if each == version
        )
        gone = [s for s in _sentences(before) if s not in self._everything]
        known = set(_sentences(before))
        near = max(self._new, key=lambda text: _likeness(before, text), default="")
        instead = [s for s in _sentences(near) if s not in known]
        if not gone:
            return "", ""
        return _quote(gone), _quote(instead or _sentences(near))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:4000], other[:4000], autojunk=False).quick_ratio()


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in _SENTENCE.findall(text) if s.strip()]


def _quote(sentences: Sequence[str]) -> str:
    text = " ".join(sentences)
    return text if len(text) <= QUOTE_MAX else text[: QUOTE_MAX - 1].rstrip() + "…"


def content(
    bot: Bot, correction: Correction, to: Recipient, *, template: str | None, url: str | None
) -> OutboundContent:
    """Return what somebody is told, in the article's language.

    Args:
        bot: whose response `answer_corrected` is said when there is no template.
        correction: what was corrected.
        to: who is told.
        template: a text with `{title}`, `{old}` and `{new}`; None: the bot's own.
        url: where the corrected article can be read; None: nowhere.
    """
    article = correction.article
    if template is None:
        response = bot.responses["answer_corrected"]
        template = choose(response, article.language, key=str(to.citation.id))[0].text
    text = filled_in(template, correction, to)
    if url is None:
        return Text(text=text)
    link = Link(label=label(bot, "label_source", article.language), url=url)
    return Card(title=article.title[:200], text=text, link=link)


def filled_in(template: str, correction: Correction, to: Recipient) -> str:
    """Return a text with `{title}`, `{old}` and `{new}` filled in for somebody."""
    values = {"title": correction.article.title, "old": to.old, "new": to.new}
    return insert(template, lambda name: values.get(name, ""))


def send_correction(
    session: Session,
    correction: Correction,
    to: Recipient,
    said: OutboundContent,
    *,
    by: str,
    now: datetime,
) -> bool:
    """Queue what one person is told, once, and put it on their timeline; tell whether it is new.

    Raises:
        ValueError: the person cannot be told.
    """
    if to.exclusion is not None:
        raise ValueError(EXCLUSIONS[to.exclusion])
    sent = write_to(session, to.reached, said, occasion=correction.occasion, now=now)
    if sent is None:
        return False
    article = correction.article
    corrected = {
        "article": article.id,
        "language": article.language,
        "old_version": to.citation.version,
        "version": article.version,
    }
    cited = {
        "article": article.id,
        "version": article.version,
        "passage": to.citation.passage_id,
        "score": 1.0,
        "language": article.language,
    }
    entry = Entry(
        customer_id=to.customer_id,
        kind="answer_corrected",
        actor=by[:64],
        channel=to.citation.channel,
        source=f"told:{sent.id}",
        at=now,
        data=corrected,
        conversation_id=to.citation.conversation_id,
        seq=to.reached.seq or None,
        position=1,
    )
    # The corrected text counts as given: should it have to be corrected too, they hear of that.
    given = replace(entry, kind=CITED, actor="bot", data=cited, position=2)
    record(session.connection(), [entry, given])
    return True
