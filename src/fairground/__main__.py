"""`python -m fairground`."""

from fairground.cli.main import run

run()
