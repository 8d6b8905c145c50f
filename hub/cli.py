"""The one command, `hearthward`: each process of the hub, and `up`, which runs them all on one machine."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def hearthward() -> None:
    """Hearthward: remote patient monitoring, from the cuff at home to the nurse's screen."""


def main() -> None:
    """The console script."""
    app()
