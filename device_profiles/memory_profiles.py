"""What the declarations of Omron's EEPROM devices have in common: all but the map of their memory."""

from device_profiles.profile import Evidence, Layout, Profile, SessionEnd, Stored, Users, plain
from device_profiles.recognition import Recognition
from device_profiles.vendor import omron_memory, omron_records, omron_wlp
from device_profiles.vendor.omron_memory import Memory

# What they advertise does not tell the layout of their memory: the model is chosen at enrolment.
_BY_HAND = Recognition(any_of=(), priority=22)
_QUIRKS = (
    "one host at a time, with a key of sixteen bytes programmed in pairing mode",
    "an EEPROM write can damage settings or calibration: reading only",
)


def memory_profile(
    name: str,
    models: tuple[str, ...],
    known_as: str,
    memory: Memory,
    evidence: Evidence = Evidence.CONSTRUCTED,
) -> Profile:
    """The profile of a model by the map of its memory; of one without users only records are decoded."""
    mapped = bool(memory.users)
    return Profile(
        name=name,
        family="Omron, EEPROM",
        models=models,
        evidence=evidence,
        source="hass-omron (MIT), omblepy and openScale (facts)",
        recognition=_BY_HAND,
        known_as=known_as,
        services=omron_memory.SERVICES if mapped else (),
        channels=omron_memory.channels(memory) if mapped else (),
        layouts=(
            Layout(words=r"WLP EEPROM record", codec=plain(memory.decode), on=omron_wlp.FROM_DEVICE),
            Layout(words=r"WLP EEPROM clock", codec=plain(omron_records.decode_clock)),
            Layout(words=r"WLP frame", codec=plain(omron_wlp.decode), on=omron_wlp.TO_DEVICE),
        ),
        handshake=omron_memory.session(memory) if mapped else omron_memory.NOTHING,
        enrolment=omron_memory.ENROLMENT if mapped else omron_memory.NOTHING,
        stored=Stored.VENDOR,
        users=Users.SLOTS,
        session_end=SessionEnd(idle=omron_memory.IDLE),
        quirks=_QUIRKS,
    )
