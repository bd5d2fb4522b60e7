"""What the bot may say, with all that it said before; what it was asked, and what was missed."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_knowledge'
down_revision = '20261124_actions'
branch_labels = None
depends_on = None

_PUBLISHED = "status = 'published'"
_SCHEDULED = "status = 'scheduled'"
_CITED = "kind = 'article_cited'"


def upgrade() -> None:
    """Apply."""
    _add_revisions()
    _add_questions()
    _keep_old_gaps()
    _add_gaps()
    _add_sources()
    _add_writings()
    op.create_index('ix_timeline_events_cited_at', 'timeline_events', ['at'], unique=False, postgresql_where=sa.text(_CITED), sqlite_where=sa.text(_CITED))


def downgrade() -> None:
    """Take back."""
    op.drop_index('ix_timeline_events_cited_at', table_name='timeline_events')
    op.drop_table('knowledge_items')
    op.drop_table('knowledge_documents')
    op.drop_table('knowledge_sources')
    op.drop_table('knowledge_writings')
    op.drop_table('gap_decisions')
    op.drop_table('knowledge_gaps')
    _restore_gaps()
    op.drop_table('asked_questions')
    op.drop_table('knowledge_added_questions')
    op.drop_table('knowledge_generation')
    op.drop_table('knowledge_revisions')


def _add_revisions() -> None:
    op.create_table('knowledge_revisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('article_id', sa.String(length=100), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('audience', sa.String(length=16), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=True),
    sa.Column('answer_kind', sa.String(length=16), nullable=False),
    sa.Column('updated', sa.Date(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('review_by', sa.Date(), nullable=True),
    sa.Column('owner', sa.String(length=300), nullable=True),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=True),
    sa.Column('source_version', sa.String(length=64), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.Column('publish_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(length=200), nullable=True),
    sa.Column('live_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('live_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('retired_by', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_revisions')),
    sa.UniqueConstraint('article_id', 'language', 'number', name=op.f('uq_knowledge_revisions_article_id_language_number'))
    )
    with op.batch_alter_table('knowledge_revisions', schema=None) as batch_op:
        batch_op.create_index('uq_knowledge_revisions_published', ['article_id', 'language'], unique=True, postgresql_where=sa.text(_PUBLISHED), sqlite_where=sa.text(_PUBLISHED))
        batch_op.create_index('ix_knowledge_revisions_scheduled', ['publish_at'], unique=False, postgresql_where=sa.text(_SCHEDULED), sqlite_where=sa.text(_SCHEDULED))
        batch_op.create_index('ix_knowledge_revisions_live_from', ['live_from'], unique=False)
        batch_op.create_index('ix_knowledge_revisions_source', ['source'], unique=False)

    generation = op.create_table('knowledge_generation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_generation'))
    )
    op.bulk_insert(generation, [{'id': 1, 'number': 0}])

    op.create_table('knowledge_added_questions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('article_id', sa.String(length=100), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('question', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_added_questions'))
    )
    with op.batch_alter_table('knowledge_added_questions', schema=None) as batch_op:
        batch_op.create_index('ix_knowledge_added_questions_article_id_language', ['article_id', 'language'], unique=False)


def _add_questions() -> None:
    op.create_table('asked_questions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('customer_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('question', sa.String(length=1000), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('missed', sa.Boolean(), nullable=False),
    sa.Column('next_step', sa.String(length=16), nullable=True),
    sa.Column('helped', sa.Boolean(), nullable=True),
    sa.Column('article_id', sa.String(length=200), nullable=True),
    sa.Column('article_language', sa.String(length=35), nullable=True),
    sa.Column('version', sa.String(length=64), nullable=True),
    sa.Column('passage_id', sa.String(length=300), nullable=True),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('near', sa.JSON(), nullable=False),
    sa.Column('gap_id', sa.Uuid(), nullable=True),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asked_questions'))
    )
    with op.batch_alter_table('asked_questions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_asked_questions_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_questions_article_id'), ['article_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_questions_conversation_id_seq'), ['conversation_id', 'seq'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_questions_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_questions_gap_id'), ['gap_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_asked_questions_missed_at'), ['missed', 'at'], unique=False)


def _keep_old_gaps() -> None:
    """Carry over the misses that were recorded one by one."""
    op.execute(
        "INSERT INTO asked_questions (id, conversation_id, seq, position, customer_id, channel,"
        " question, language, outcome, missed, near, at)"
        " SELECT g.id, g.conversation_id, 0, 0, g.customer_id, c.channel,"
        " g.question, g.language, g.outcome, true, '[]', g.at"
        " FROM knowledge_gaps g JOIN conversations c ON c.id = g.conversation_id"
        " WHERE g.customer_id IS NOT NULL"
    )
    op.drop_table('knowledge_gaps')


def _add_gaps() -> None:
    op.create_table('knowledge_gaps',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('question', sa.String(length=1000), nullable=False),
    sa.Column('status', sa.String(length=16), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Double(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('article_id', sa.String(length=200), nullable=True),
    sa.Column('article_language', sa.String(length=35), nullable=True),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('merged_into', sa.Uuid(), nullable=True),
    sa.Column('returns_at', sa.Integer(), nullable=True),
    sa.Column('covered_by', sa.String(length=200), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_gaps'))
    )
    with op.batch_alter_table('knowledge_gaps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_knowledge_gaps_rank'), ['rank'], unique=False)
        batch_op.create_index(batch_op.f('ix_knowledge_gaps_status'), ['status'], unique=False)

    op.create_table('gap_decisions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('gap_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap_decisions'))
    )
    with op.batch_alter_table('gap_decisions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_gap_decisions_gap_id'), ['gap_id'], unique=False)


def _restore_gaps() -> None:
    op.create_table('knowledge_gaps',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.String(length=1000), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=True),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_gaps')),
    sa.UniqueConstraint('source', name=op.f('uq_knowledge_gaps_source'))
    )
    with op.batch_alter_table('knowledge_gaps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_knowledge_gaps_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_knowledge_gaps_customer_id'), ['customer_id'], unique=False)
    op.execute(
        "INSERT INTO knowledge_gaps (id, question, language, outcome, conversation_id, customer_id,"
        " at, source)"
        " SELECT id, question, language, outcome, conversation_id, customer_id, at,"
        " 'asked:' || CAST(id AS VARCHAR(36)) FROM asked_questions"
        " WHERE missed AND outcome <> 'answered'"
    )


def _add_sources() -> None:
    op.create_table('knowledge_sources',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('location', sa.String(length=2000), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_knowledge_sources'))
    )
    op.create_table('knowledge_documents',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('etag', sa.String(length=300), nullable=True),
    sa.Column('last_modified', sa.String(length=300), nullable=True),
    sa.Column('links', sa.JSON(), nullable=False),
    sa.Column('canonical', sa.String(length=2000), nullable=True),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_documents'))
    )
    with op.batch_alter_table('knowledge_documents', schema=None) as batch_op:
        batch_op.create_index('ix_knowledge_documents_source', ['source'], unique=False)

    op.create_table('knowledge_items',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.String(length=64), nullable=False),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('article_id', sa.String(length=100), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('version', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_items'))
    )
    with op.batch_alter_table('knowledge_items', schema=None) as batch_op:
        batch_op.create_index('ix_knowledge_items_document_id', ['document_id'], unique=False)
        batch_op.create_index('ix_knowledge_items_source', ['source'], unique=False)


def _add_writings() -> None:
    op.create_table('knowledge_writings',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('request_id', sa.Uuid(), nullable=False),
    sa.Column('model', sa.String(length=200), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('outcome', sa.String(length=24), nullable=False),
    sa.Column('sentence', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=64), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('tokens_in', sa.Integer(), nullable=False),
    sa.Column('tokens_out', sa.Integer(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_knowledge_writings'))
    )
    with op.batch_alter_table('knowledge_writings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_knowledge_writings_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_knowledge_writings_request_id'), ['request_id'], unique=False)
