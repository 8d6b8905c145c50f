"""The worklist's callback: what is asked for, again after each action and each live event."""

from dash import ClientsideFunction, Dash, Input, Output


def register(app: Dash) -> None:
    """Add the callback, which runs in the page and asks /api/worklist, whose answers are shared."""
    app.clientside_callback(
        ClientsideFunction(namespace="hearthward", function_name="listed"),
        Output("worklist", "data"),
        Input("worklist", "query"),
        Input("live", "data"),
        Input("acted", "data"),
    )
