"""`hearthward gateway`: the box in one home, and what a person does there by hand."""

from pathlib import Path
from typing import Annotated

import typer

from hub import configuration
from hub.help import HELP_PAGE, GroupWithSettings
from runtime import logs

app = typer.Typer(
    cls=GroupWithSettings,
    invoke_without_command=True,
    rich_markup_mode=None,
    context_settings=HELP_PAGE,
)


@app.callback()
def gateway(context: typer.Context) -> None:
    """Run the box in one home: read its Bluetooth devices and send the readings to the hub.

    Readings are kept on this box's disk until the hub has acknowledged each. The devices of the home are
    listed in roster.toml in its directory; a change of the list is taken while the gateway runs.

    \b
    Example, on the gateway box:
      HEARTHWARD_GATEWAY_ID=home-12 HEARTHWARD_GATEWAY_DIRECTORY=/var/lib/hearthward-gateway \\
      HEARTHWARD_MQTT_HOST=hub.example.org hearthward gateway

    """
    if context.invoked_subcommand is not None:
        return
    from gateway.settings import GatewaySettings
    from gateway.supervisor import run

    settings = configuration.load(GatewaySettings)
    logs.configure("gateway", settings.log_format)
    run(settings)


@app.command()
def pair(
    device: Annotated[str, typer.Argument(help="The device's id, as in roster.toml.")],
) -> None:
    """Allow one device that lost its bond to be paired anew, for five minutes.

    Put the device into its pairing mode, then run this beside the running gateway. The gateway never renews
    a bond by itself: anybody outside with a device of the same address would be let in.

    \b
    Example:
      hearthward gateway pair d-9c41e07a
    """
    from gateway.pairing import WINDOW, allow
    from gateway.settings import GatewaySettings

    allow(configuration.load(GatewaySettings), device)
    minutes = int(WINDOW.total_seconds() // 60)
    typer.echo(f"For {minutes} minutes {device} may be paired anew: put it into its pairing mode now.")


@app.command()
def capture(
    address: Annotated[
        str | None, typer.Option(help="The device's Bluetooth address; without it, list who is near.")
    ] = None,
    model: Annotated[str, typer.Option(help="Maker and model, as printed on the device.")] = "",
    out: Annotated[Path, typer.Option(help="The file to keep the recording in.")] = Path("capture.json"),
    seconds: Annotated[float, typer.Option(help="How long to wait for the device.")] = 60.0,
    adapter: Annotated[str | None, typer.Option(help="The Bluetooth adapter, such as hci0.")] = None,
) -> None:
    """Record what a real device says, to teach Hearthward its model or to prove that it is supported.

    Stop the gateway first: it would take the readings. Address and serial number are taken out, everything
    that would be kept is shown, and nothing is kept before you agree.

    \b
    Examples:
      hearthward gateway capture
      hearthward gateway capture --address E4:5A:21:9C:41:07 --model "Omron BP7000"
    """
    from gateway.capture import run

    run(
        address=address,
        model=model,
        out=out,
        seconds=seconds,
        adapter=adapter,
        say=typer.echo,
        ask=typer.confirm,
    )
