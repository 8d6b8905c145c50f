"""Ascensia's Contour meters: standard records, a clock of their own."""

from device_profiles.gatt import date_time, glucose, glucose_context, record_access
from device_profiles.profile import (
    Bond,
    Evidence,
    Profile,
    SessionEnd,
    Stored,
    clock,
    indicated,
    notified,
)
from device_profiles.racp import ALL_OR_NEW_RECORDS, procedure_ended
from device_profiles.recognition import Recognition, Sign

PROFILES = (
    Profile(
        name="contour",
        family="Glucose Service",
        models=("Ascensia Contour Next One", "Contour Plus One"),
        evidence=Evidence.CONSTRUCTED,
        source="xDrip (facts); no public recording is known",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)contour.*",)),), priority=99),
        known_as=r"Contour",
        services=("1808",),
        channels=(
            notified(glucose.UUID, glucose.decode),
            notified(glucose_context.UUID, glucose_context.decode, optional=True),
            indicated(record_access.UUID, record_access.decode),
        ),
        handshake=ALL_OR_NEW_RECORDS,
        bond=Bond.REQUIRED,
        clock=clock("00000000-0002-11e2-9e96-0800200c9a66", date_time.encode_clock),
        stored=Stored.RACP,
        session_end=SessionEnd(closing=procedure_ended),
    ),
)
