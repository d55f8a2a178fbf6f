"""Commands on the market's content: demo, seed, import, export, reindex."""

from typing import Annotated, Any

import typer

from fairground.cli.console import fail, run_async, settings_or_fail, tell, tell_json
from fairground.cli.open_market import Data

Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (demo, seed, reindex):
        app.command()(command)


def demo(
    data: Data = None,
    json: Json = False,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing where the market is not empty.")] = False,
) -> None:
    """Fill an empty market with the demo fair; prints whom to sign in as."""
    settings = settings_or_fail(data=data)

    async def run() -> Any:
        from fairground.app.demo.fill import fill_demo, is_empty
        from fairground.app.outfit import open_outfit

        async with open_outfit(settings, "demo") as outfit:
            if if_empty and not await is_empty(outfit.db):
                return None
            return await fill_demo(outfit)

    people = run_async(run)
    if people is None:
        return
    if json:
        import msgspec

        tell_json(msgspec.to_builtins(people))
        return
    tell("The demo fair is set up. Sign in as:")
    for one in people:
        tell(f"  {one.role:<7} {one.email:<20} {one.password}")


def seed(
    data: Data = None,
    shops: Annotated[int, typer.Option(min=1, help="How many shops.")] = 100,
    products: Annotated[int, typer.Option(min=0, help="How many products, shared out among the shops.")] = 10_000,
    buyers: Annotated[int, typer.Option(min=0, help="How many buyers, with an address each.")] = 1_000,
    orders: Annotated[int, typer.Option(min=0, help="How many orders, in all states.")] = 1_000,
    json: Json = False,
) -> None:
    """Fill the market with bulk data for measuring, through the rooms' own writers; then reindex."""
    settings = settings_or_fail(data=data)

    async def run() -> Any:
        from fairground.app.outfit import open_outfit
        from fairground.app.seed.fill import Wanted
        from fairground.app.seed.fill import seed as fill

        async with open_outfit(settings, "seed") as outfit:
            return (await fill(outfit, Wanted(shops, products, buyers, orders))).filled

    filled = run_async(run)
    if json:
        import msgspec

        tell_json(msgspec.to_builtins(filled))
        return
    for name in ("shops", "products", "buyers", "orders"):
        tell(f"{getattr(filled, name):>9} {name:<9} {filled.per_second[name]:>10} a second")
    tell("orders: " + ", ".join(f"{count} {state}" for state, count in filled.states.items()))
    tell(f"indexed at {filled.per_second['indexed']} products a second")
    for name, words in filled.sign_in.items():
        tell(f"  {name:<9} {words}")


def reindex(data: Data = None, json: Json = False) -> None:
    """Make the search index anew beside the running one, and swap it in."""
    settings = settings_or_fail(data=data)

    async def run() -> int:
        from fairground.app.outfit import open_outfit
        from fairground.kit.text_index import IndexBusy
        from fairground.market.search.feed import reindex as make_anew

        async with open_outfit(settings, "reindex") as outfit:
            try:
                return await make_anew(outfit.db, outfit.index_folder)
            except IndexBusy:
                fail("another process is making the index anew")

    count = run_async(run)
    tell_json({"products": count}) if json else tell(f"{count} products are in the index")
