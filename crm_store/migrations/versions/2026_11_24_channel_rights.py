"""Tokens that providers lend to accounts."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_rights'
down_revision = '20261124_pieces'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('channel_tokens',
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fetched_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_channel_tokens'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('channel_tokens')
