"""Drafts: new texts of articles, checked and saved, which nobody is told before publication."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sqlalchemy import Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from crm_store.database import Base
from knowledge_base.article_faults import LINE_MAX, QUESTIONS_MAX, check_article, check_line
from knowledge_base.articles import Article, content_version
from knowledge_base.generation import lock_publication
from knowledge_base.revisions import FOLDER, Revision, newest_numbers
from knowledge_base.terms import question_key

NOTE_MAX: Final = 500
BY_MAX: Final = 200

_QUESTIONS: Final = uuid5(NAMESPACE_URL, "tributary:knowledge/added-questions")
#: Ids of one query.
_MANY: Final = 500


class RevisionConflictError(Exception):
    """Somebody else changed the article meanwhile: read it again and repeat the change."""


class ForeignArticleError(Exception):
    """The article belongs to another source, where it has to be changed."""


class AddedQuestion(Base):
    """Another way to ask for an article, which staff added and its source does not know."""

    __tablename__ = "knowledge_added_questions"
    __table_args__ = (
        Index("ix_knowledge_added_questions_article_id_language", "article_id", "language"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)  # from article, language and wording
    article_id: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(35))
    question: Mapped[str] = mapped_column(String(LINE_MAX))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))


def save_draft(
    session: Session,
    article: Article,
    *,
    by: str,
    now: datetime,
    source: str | None = None,
    note: str = "",
    follows: int | None = None,
) -> Revision:
    """Save a new text of an article as a draft, with the next number.

    Args:
        session: of the caller's transaction.
        article: the text; an empty `version` is computed.
        by: who wrote it: `staff:<name>`, `token:<name>`, a source.
        now: the present.
        source: where the article comes from; None: staff wrote it here.
        note: why, for the history.
        follows: the newest number the writer has seen; None: does not matter, 0: there was none.

    Raises:
        FaultyArticleError: the article cannot be saved.
        ForeignArticleError: the article belongs to another source.
        RevisionConflictError: there is a newer revision than `follows`.
    """
    check_article(article)
    lock_publication(session)
    if follows is not None:
        newest = newest_numbers(session, [article.id]).get((article.id, article.language), 0)
        if newest != follows:
            message = (
                f"{article.id} ({article.language}) has revision {newest} by now, "
                f"not {follows}: read it again and repeat the change"
            )
            raise RevisionConflictError(message)
    (saved,) = save_drafts(session, [article], by=by, now=now, source=source, note=note)
    return saved


def save_drafts(
    session: Session,
    articles: Sequence[Article],
    *,
    by: str,
    now: datetime,
    source: str | None = None,
    note: str = "",
) -> list[Revision]:
    """Save new texts of many articles as drafts; see `save_draft`.

    Questions that staff added to an article are added to its new text as well.
    """
    for article in articles:
        check_article(article)
    lock_publication(session)
    ids = list(dict.fromkeys(article.id for article in articles))
    _check_source(session, ids, source)
    numbers = newest_numbers(session, ids)
    added = added_questions(session, ids)
    saved: list[Revision] = []
    for article in articles:
        key = (article.id, article.language)
        numbers[key] = numbers.get(key, 0) + 1
        whole = _with_questions(article, added.get(key, []))
        saved.append(_row(whole, numbers[key], source=source, by=by, note=note, now=now))
        saved[-1].source_version = article.version or None
    session.add_all(saved)
    session.flush()
    return saved


def _row(
    article: Article, number: int, *, source: str | None, by: str, note: str, now: datetime
) -> Revision:
    return Revision(
        id=uuid4(),
        article_id=article.id,
        language=article.language,
        number=number,
        title=article.title.strip(),
        questions=[question.strip() for question in article.questions],
        body=article.body.strip(),
        audience=article.audience,
        tags=[tag.strip() for tag in article.tags],
        url=article.url,
        answer_kind=article.answer_kind,
        updated=article.updated,
        valid_from=article.valid_from,
        valid_to=article.valid_to,
        review_by=article.review_by,
        owner=article.owner,
        version=article.version or content_version(article),
        status="draft",
        source=source,
        note=_storable(note)[:NOTE_MAX],
        created_at=now,
        created_by=_storable(by)[:BY_MAX],
    )


def _storable(text: str) -> str:
    """Return a text of a command line as any database takes it."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _check_source(session: Session, ids: Sequence[str], source: str | None) -> None:
    """Refuse to write over an article of another source, as long as anything of it is current."""
    for start in range(0, len(ids), _MANY):
        rows = session.execute(
            select(Revision.article_id, Revision.source)
            .where(
                Revision.article_id.in_(ids[start : start + _MANY]), Revision.status != "retired"
            )
            .distinct()
        )
        for article_id, owner in rows:
            if owner != source:
                raise ForeignArticleError(f"{article_id} {_where_to_change(owner, article_id)}")


def _where_to_change(source: str | None, article_id: str) -> str:
    if source is None:
        return "was written by staff: take another id, or retire it first"
    if source == FOLDER:
        return (
            f"comes from the bot's folder: change knowledge/{article_id}.*.md and start again; "
            "to stop it at once, retire it"
        )
    return f"is imported from {source}: change it there and import it again"


def added_questions(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Return the questions that staff added, by article and language, in order of adding."""
    found: dict[tuple[str, str], list[str]] = {}
    for start in range(0, len(ids), _MANY):
        rows = session.scalars(
            select(AddedQuestion)
            .where(AddedQuestion.article_id.in_(ids[start : start + _MANY]))
            .order_by(AddedQuestion.created_at, AddedQuestion.id)
        )
        for row in rows:
            found.setdefault((row.article_id, row.language), []).append(row.question)
    return found


def note_question(
    session: Session, article_id: str, language: str, question: str, *, by: str, now: datetime
) -> bool:
    """Note another way to ask for an article and tell whether it is new.

    It waits for the next text; `publishing.add_question` publishes it at once.

    Raises:
        FaultyArticleError: the question is none.
    """
    question = question.strip()
    check_line("question", question)
    key = uuid5(_QUESTIONS, f"{article_id}/{language}/{question_key(question)}")
    if session.get(AddedQuestion, key) is not None:
        return False
    session.add(
        AddedQuestion(
            id=key,
            article_id=article_id,
            language=language,
            question=question,
            created_at=now,
            created_by=by[:BY_MAX],
        )
    )
    session.flush()
    return True


def _with_questions(article: Article, added: Sequence[str]) -> Article:
    known = {question_key(wording) for wording in article.wordings}
    missing = [question for question in added if question_key(question) not in known]
    if not missing:
        return article
    room = QUESTIONS_MAX - len(article.questions)
    whole = replace(article, questions=(*article.questions, *missing[:room]))
    return replace(whole, version=content_version(whole))
