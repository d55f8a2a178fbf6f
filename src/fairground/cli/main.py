"""The program `fairground` and its commands."""

import sys

import typer

from fairground.cli import goods, keep, market, open_market

app = typer.Typer(
    name="fairground",
    help="An open market: many small shops, money held until the goods arrive.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
open_market.add_to(app)
goods.add_to(app)
market.add_to(app)
goods.add_to(app)
keep.add_to(app)


def run() -> None:
    """Run the program."""
    try:
        app()
    except BrokenPipeError:
        sys.exit(1)
