"""Gathering in the background: missed questions become part of gaps while the bot answers."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bots.metrics import FAILURES
from bots.node import Node
from bots.workbench import of_node
from crm_store.database import utc_now
from knowledge_base.gaps import count_waiting

log = structlog.get_logger()

#: Seconds between looks.
LOOK_SECONDS: Final = 20.0
#: Misses that are gathered in one go; the work is done beside answering.
GATHERED_AT_ONCE: Final = 1000


@dataclass
class GapGatherer:
    """Gathers the misses of one process's database as long as the process runs."""

    node: Node
    generation: int = -1  #: of the knowledge that candidates were looked up in last

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:  # noqa: BLE001 - answering goes on whatever it is
                FAILURES.labels("gaps", type(error).__name__).inc()
                log.warning("gaps.failed", error=type(error).__name__)

    def look(self) -> bool:
        """Gather what waits and tell whether there was anything to do."""
        bench = of_node(self.node)
        if bench is None or self.node.live is None:
            return False
        generation = self.node.live.edition.generation
        with self.node.database.reading() as connection, Session(connection) as session:
            waits = count_waiting(session) > 0
        if not waits and generation == self.generation:
            return False
        bench.tidy(now=utc_now(), most=GATHERED_AT_ONCE)
        self.generation = generation
        return True
