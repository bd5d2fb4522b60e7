"""How many messages a peer may still be sent, where the channel counts them."""

import sqlalchemy as sa
from alembic import op

revision = '20261124_reply_rights'
down_revision = '20261124_rights'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table('reply_rights',
    sa.Column('conversation_id', sa.Uuid(), nullable=False),
    sa.Column('remaining', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('conversation_id', name=op.f('pk_reply_rights'))
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table('reply_rights')
