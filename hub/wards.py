"""Which ward a command speaks of: the one that was named, or the only one there is."""

from typing import TYPE_CHECKING

from vitals.errors import HubError

if TYPE_CHECKING:
    from store.connection import Connection


class WardNeeded(HubError):
    """The database has several wards, and none was named."""

    def __init__(self, wards: list[str]) -> None:
        self.wards = wards
        super().__init__(f"Say which ward with --ward: {', '.join(sorted(wards)) or 'there is none yet'}.")


def chosen_ward(connection: "Connection", asked: str | None) -> str:
    """The ward. Raises WardNeeded where there is none of that name, or several and none was named."""
    from store import rota

    wards = rota.time_zones(connection)
    chosen = asked or (next(iter(wards)) if len(wards) == 1 else None)
    if chosen not in wards:
        raise WardNeeded(list(wards))
    return chosen
