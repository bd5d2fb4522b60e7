"""What the bot may say, with all that it said before."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_knowledge'
down_revision = '20261124_actions'
branch_labels = None
depends_on = None

_PUBLISHED = "status = 'published'"
_SCHEDULED = "status = 'scheduled'"


def upgrade() -> None:
    """Apply."""
    _add_revisions()


def downgrade() -> None:
    """Take back."""
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
