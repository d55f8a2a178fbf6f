"""The way to the database: where it is, whether it answers, whether its schema is ours.

Apart from the outfit, and light: what only starts others (`up`, the parent of the web processes) asks this before.
"""

import asyncio
from pathlib import Path

import asyncpg
import structlog

from fairground.adapters.postgres.folder import default_data_dir
from fairground.adapters.postgres.running import running_dsn
from fairground.app.schema import MIGRATIONS
from fairground.app.settings import Settings
from fairground.kit.db import GONE
from fairground.kit.migrations import pending

log = structlog.get_logger(__name__)


class NotReady(Exception):
    """The market cannot start here; one clear line."""


def data_folder(settings: Settings) -> Path:
    """Tell where this installation keeps its files."""
    return Path(settings.data) if settings.data else default_data_dir()


def find_dsn(settings: Settings) -> str:
    """Find the database: the one given, or that of a running `up` in the data folder.

    Raises:
        NotReady: there is none.
    """
    if settings.database_url:
        return settings.database_url
    folder = data_folder(settings)
    dsn = running_dsn(folder)
    if dsn is None:
        raise NotReady(
            f"no database: nothing runs in {folder}; start `fairground up`, or set DATABASE_URL to a PostgreSQL"
        )
    return dsn


async def wait_for_database(dsn: str, seconds: float) -> None:
    """Wait until the database answers, that many seconds at most.

    Raises:
        NotReady: it does not, in all that time.
    """
    until = asyncio.get_running_loop().time() + seconds
    told = False
    while True:
        try:
            conn = await asyncpg.connect(dsn, timeout=5)
            await conn.close()
            return
        except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError) as trouble:
            raise NotReady(f"the database refuses us: {trouble}") from None
        except (ValueError, asyncpg.InvalidCatalogNameError, asyncpg.ClientConfigurationError) as trouble:
            raise NotReady(f"DATABASE_URL: {trouble}") from None
        except (TimeoutError, asyncpg.PostgresError, *GONE) as trouble:
            if asyncio.get_running_loop().time() > until:
                raise NotReady(f"the database does not answer: {trouble or type(trouble).__name__}") from None
            if not told:
                log.info("waiting for the database", error=str(trouble) or type(trouble).__name__)
                told = True
            await asyncio.sleep(min(1, seconds / 4))


async def check_schema(dsn: str) -> None:
    """Refuse a database whose schema is older than this release.

    Raises:
        NotReady: migrations wait.
        NewerDatabase: it is newer.
    """
    waiting = await pending(dsn, MIGRATIONS)
    if waiting:
        raise NotReady(f"the schema is not up to date ({len(waiting)} migrations wait): run `fairground migrate`")


async def check_database(settings: Settings) -> None:
    """Make sure of a database that fits, before anything heavy starts.

    Raises:
        NotReady, NewerDatabase
    """
    dsn = find_dsn(settings)
    await wait_for_database(dsn, settings.database_wait)
    await check_schema(dsn)
