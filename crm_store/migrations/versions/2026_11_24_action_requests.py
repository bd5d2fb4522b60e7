"""Requests to slow actions, run outside the turns that make them."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_actions'
down_revision = '20261121_spine'
branch_labels = None
depends_on = None

_OPEN = "state IN ('queued', 'calling')"


def upgrade() -> None:
    """Apply."""
    op.create_table('action_requests',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('address', sa.String(length=900), nullable=False),
    sa.Column('action', sa.String(length=64), nullable=False),
    sa.Column('inputs', sa.JSON(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('gives_up_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_by', sa.String(length=64), nullable=True),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_action_requests'))
    )
    with op.batch_alter_table('action_requests', schema=None) as batch_op:
        batch_op.create_index('ix_action_requests_open', ['not_before'], unique=False, postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN))
        batch_op.create_index('ix_action_requests_conversation_id_seq', ['conversation_id', 'seq'], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('action_requests', schema=None) as batch_op:
        batch_op.drop_index('ix_action_requests_conversation_id_seq')
        batch_op.drop_index('ix_action_requests_open', postgresql_where=sa.text(_OPEN), sqlite_where=sa.text(_OPEN))

    op.drop_table('action_requests')
