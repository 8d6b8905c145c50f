"""The staff of the wards, as Settings shows them to an administrator."""

from collections.abc import Sequence

from dashboard.components import Json
from dashboard.views.wording import ROLES
from dashboard.words import say
from store.staff import Role
from store.staff_list import StaffRecord


def staff_props(records: Sequence[StaffRecord]) -> list[Json]:
    """One row for each: how they are reached by channel only, for an address is nobody else's to read."""
    return [
        {
            "id": one.staff_id,
            "name": one.name,
            "email": one.email,
            "role": say(ROLES[Role(one.role)]),
            "wards": ", ".join(one.wards),
            "channels": ", ".join(dict.fromkeys(each.partition("=")[0] for each in one.contacts)),
            "state": _state(one),
        }
        for one in records
    ]


def _state(one: StaffRecord) -> str:
    if one.invited_until is not None:
        return say("Has a link for a first sign-in")
    return say("Signs in") if one.has_password else say("Has not signed in; the link is too old")
