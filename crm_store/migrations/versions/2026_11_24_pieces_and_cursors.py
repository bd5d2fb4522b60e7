"""Messages sent in pieces, and how far providers that are read have been read."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_pieces'
down_revision = '20261124_knowledge'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.add_column(sa.Column('part', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.alter_column('part', server_default=None)
    op.create_table('channel_cursors',
    sa.Column('channel', sa.String(length=64), nullable=False),
    sa.Column('account', sa.String(length=200), nullable=False),
    sa.Column('cursor', sa.String(length=500), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'account', name=op.f('pk_channel_cursors'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('channel_cursors')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_column('part')
