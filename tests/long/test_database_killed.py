"""The database of a running `up` is killed: the market says so kindly, and opens again by itself."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairground.adapters.postgres.folder import DataFolder
from fairground.adapters.postgres.postmaster import read_pid_file
from tests.support.embedded_postgres import IS_ROOT
from tests.support.program import Opened, opened, run, until

pytestmark = pytest.mark.long


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the server's user can reach."""
    place = Path(tempfile.mkdtemp(prefix="fg-"))
    if IS_ROOT:
        place.chmod(0o711)
    yield place / "data"
    shutil.rmtree(place)


def server_of(data: Path) -> int:
    """Give the number of the embedded server's process."""
    told = read_pid_file(DataFolder(data))
    return told.pid if told is not None and told.ready else 0


def test_a_killed_database_comes_back_and_pages_work_again(data: Path) -> None:
    with opened(data, "--demo") as market:
        assert market.get("/api/v1/products")[0] == 200
        for _ in range(2):
            lose_and_find_again(market, data)
        assert "the database is gone; starting it again" in market.log.read_text()
        assert run(data, "audit").out == "the books are clean\n"
    assert market.process.returncode == 0
    assert server_of(data) == 0


def lose_and_find_again(market: Opened, data: Path) -> None:
    """Kill the server without warning, look at what is said meanwhile, and wait for its return."""
    killed = server_of(data)
    os.kill(killed, signal.SIGKILL)
    seen: set[int] = set()

    def is_back() -> bool:
        for path in ("/api/v1/products", "/search?q=pot", "/p/1"):
            status, text = market.get(path)
            seen.add(status)
            assert status in {200, 404, 503}, (path, status, market.log.read_text()[-3000:])
            assert status != 503 or "Nothing was changed" in text or "什么都没有改动" in text, text[:300]
        return server_of(data) not in {0, killed} and market.get("/health/ready")[0] == 200

    assert until(is_back)
    assert 503 in seen
    assert market.get("/api/v1/products")[0] == 200
    assert market.get("/")[0] == 200


def test_a_second_up_on_the_same_folder_is_refused_and_the_first_goes_on(data: Path) -> None:
    with opened(data) as market:
        said = run(data, "up", "--port", "0")
        assert said.code == 1
        assert "in use by another running market" in said.trouble[0]
        assert market.get("/health/ready")[0] == 200
