"""Commands of the keeper: audit, doctor, backup, restore, bench, admin."""

from typing import Annotated, Any

import typer

from fairground.cli.bench.command import bench
from fairground.cli.console import fail, run_async, settings_or_fail, tell, tell_json
from fairground.cli.open_market import Data

Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]
admin = typer.Typer(help="The operator's own: staff, passwords, keys.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (audit, doctor, backup, restore, bench):
        app.command()(command)
    app.add_typer(admin, name="admin")


def audit(data: Data = None, json: Json = False) -> None:
    """Prove the books: ledger sums, held funds, stock, orders. Exits non-zero with the rows that are wrong."""
    settings = settings_or_fail(data=data)

    async def run() -> list[Any]:
        from fairground.app.audit import audit as prove
        from fairground.app.outfit import open_outfit

        async with open_outfit(settings, "audit") as outfit:
            return list(await prove(outfit.db))

    findings = run_async(run)
    if json:
        import msgspec

        tell_json({"clean": not findings, "findings": [msgspec.to_builtins(f, enc_hook=str) for f in findings]})
    else:
        for finding in findings:
            tell(f"{finding.room}  {finding.rule}  {finding.subject}  {finding.words}")
    if findings:
        fail(f"the books are wrong in {len(findings)} places")
    if not json:
        tell("the books are clean")


def doctor(data: Data = None, json: Json = False) -> None:
    """Say what is wrong with this installation, and which settings are in force (secrets masked)."""
    settings = settings_or_fail(data=data)

    async def run() -> Any:
        from fairground.app.doctor import examine

        return await examine(settings)

    report = run_async(run)
    if json:
        tell_json(report)
    else:
        for name, value in report["settings"].items():
            tell(f"{name} = {value}")
        for check in report["checks"]:
            tell(f"{'ok  ' if check['ok'] else 'BAD '} {check['name']}: {check['words']}")
    if not all(check["ok"] for check in report["checks"]):
        fail("something is wrong, see above")


def backup(folder: Annotated[str, typer.Argument(metavar="DIR")], data: Data = None, json: Json = False) -> None:
    """Save the whole market into a new folder: database, pictures, keys. Verified before it says so."""
    settings = settings_or_fail(data=data)

    async def run() -> Any:
        from fairground.app.backup import save

        return await save(settings, folder)

    result = run_async(run)
    tell_json(result) if json else tell(f"saved {result['rows']} rows and {result['files']} files in {folder}")


def restore(folder: Annotated[str, typer.Argument(metavar="DIR")], data: Data = None, json: Json = False) -> None:
    """Bring a saved market back into an empty data folder or database; refuses one that holds anything."""
    settings = settings_or_fail(data=data)

    async def run() -> Any:
        from fairground.app.backup import bring_back

        return await bring_back(settings, folder)

    result = run_async(run)
    tell_json(result) if json else tell(f"restored {result['rows']} rows and {result['files']} files")


@admin.command("staff")
def make_staff(
    email: Annotated[str, typer.Argument(help="Of a person with an account.")],
    role: Annotated[str, typer.Option(help="clerk, supervisor, operator, or none to take it back.")] = "clerk",
    data: Data = None,
) -> None:
    """Give a person a role at the desk."""
    settings = settings_or_fail(data=data)

    async def run() -> None:
        from fairground.app.administration import grant_role

        await grant_role(settings, email, role)

    run_async(run)
    tell(f"{email} is {role}")


@admin.command("create")
def create_person(
    email: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Option(help="How the person is called.")] = "Operator",
    role: Annotated[str, typer.Option(help="clerk, supervisor or operator.")] = "operator",
    data: Data = None,
) -> None:
    """Create a member of staff; the password is asked for, or read from the first line of stdin."""
    settings = settings_or_fail(data=data)
    password = _ask_password()

    async def run() -> None:
        from fairground.app.administration import create_staff

        await create_staff(settings, email, name, password, role)

    run_async(run)
    tell(f"{email} is {role}")


@admin.command("password")
def reset_password(email: Annotated[str, typer.Argument()], data: Data = None) -> None:
    """Give a person a new password and end all their sessions."""
    settings = settings_or_fail(data=data)
    password = _ask_password()

    async def run() -> None:
        from fairground.app.administration import give_password

        await give_password(settings, email, password)

    run_async(run)
    tell("done")


@admin.command("reseal")
def reseal(data: Data = None, json: Json = False) -> None:
    """Seal bank and business numbers anew with the first key. Safe to repeat; exits non-zero where some do not open."""
    settings = settings_or_fail(data=data)

    async def run() -> list[Any]:
        from fairground.app.keys import reseal as seal_anew
        from fairground.app.outfit import open_outfit

        async with open_outfit(settings, "reseal") as outfit:
            return list(await seal_anew(outfit.db))

    tables = run_async(run)
    if json:
        import msgspec

        tell_json({"tables": [msgspec.to_builtins(table, enc_hook=str) for table in tables]})
    else:
        for table in tables:
            tell(f"{table.table}: {table.sealed} sealed anew")
            for row in table.broken:
                tell(f"{table.table} {row}: no key here opens it")
    broken = sum(len(table.broken) for table in tables)
    if broken:
        fail(f"{broken} rows could not be opened: keep every old key, and look for the one they were sealed with")


def _ask_password() -> str:
    import getpass
    import sys

    if sys.stdin.isatty():
        return getpass.getpass("New password: ")
    return sys.stdin.readline().rstrip("\n")
