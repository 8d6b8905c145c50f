"""Glucose meters with a clock or records of their own: TaiDoc and FORA, CareSens."""

from device_profiles.gatt import glucose, glucose_context, record_access
from device_profiles.profile import (
    Bond,
    Evidence,
    Layout,
    Profile,
    SessionEnd,
    Stored,
    clock,
    indicated,
    notified,
    plain,
)
from device_profiles.racp import ALL_OR_NEW_RECORDS, procedure_ended
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import caresens, taidoc, taidoc_session

_TAIDOC, _TAIDOC_FRAMES = "00001523-1212-efde-1523-785feabcd123", "00001524-1212-efde-1523-785feabcd123"
_DRAINED = SessionEnd(closing=procedure_ended)

PROFILES = (
    Profile(
        name="taidoc",
        family="TaiDoc, FORA",
        models=("TaiDoc TD-42xx", "FORA meters"),
        evidence=Evidence.CONSTRUCTED,
        source="glucometerutils (MIT)",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(taidoc|fora|tng|diamond|td-).*",), services=(_TAIDOC,)),), priority=97
        ),
        known_as=r"TaiDoc|FORA",
        services=(_TAIDOC,),
        channels=(taidoc_session.CHANNEL,),
        layouts=(Layout(words=r"TaiDoc 8-byte frame", codec=plain(taidoc.decode)),),
        handshake=taidoc_session.NEWEST,
        stored=Stored.VENDOR,
        quirks=("record 0 is the newest", "0x52 clears the memory and is never sent"),
    ),
    Profile(
        name="caresens",
        family="Glucose Service",
        models=("i-SENS CareSens",),
        evidence=Evidence.CONSTRUCTED,
        source="xDrip (facts)",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)caresens.*",)),), priority=98),
        known_as=r"CareSens",
        services=("1808",),
        channels=(
            notified(glucose.UUID, glucose.decode),
            notified(glucose_context.UUID, caresens.decode_context, optional=True),
            indicated(record_access.UUID, record_access.decode),
        ),
        layouts=(Layout(words=r"CareSens set time", codec=plain(caresens.decode_command), on=("fff1",)),),
        handshake=ALL_OR_NEW_RECORDS,
        bond=Bond.REQUIRED,
        clock=clock("fff1", caresens.encode_clock),
        stored=Stored.RACP,
        session_end=_DRAINED,
        quirks=("meal 6 in the context marks a ketone, not a glucose",),
    ),
)
