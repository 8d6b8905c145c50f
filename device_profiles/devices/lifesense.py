"""Transtek and LifeSense scales, sold by Medisana, ADE, Trisa, Philips, Weight Gurus."""

from datetime import timedelta

from device_profiles.profile import (
    Channel,
    Delivery,
    Evidence,
    Layout,
    Profile,
    SessionEnd,
    Stored,
    Users,
    indicated,
    plain,
)
from device_profiles.recognition import Recognition, Sign
from device_profiles.uuids import full_uuid
from device_profiles.vendor import lifesense, lifesense_pairing, lifesense_session

PROFILES = (
    Profile(
        name="lifesense",
        family="Transtek, LifeSense A2 and A3",
        models=(
            "Medisana BS430, BS440, BS444",
            "ADE BA1600",
            "Trisa Body Analyze",
            "Philips DL8780",
            "Weight Gurus",
        ),
        evidence=Evidence.CAPTURED,
        source="an HCI capture in openble-lifesense (MIT), openScale, ble-scale-sync (facts)",
        recognition=Recognition(
            any_of=(Sign(services=("7802", "7892", "78b2", "78d2")),),
            priority=80,
        ),
        known_as=r"LifeSense|Transtek|Philips DL8780|Medisana BS4|Trisa|ADE BA",
        services=("7802", "7892", "78b2", "78d2"),
        channels=(
            indicated(lifesense.WEIGHT_A2, lifesense.decode_weight, optional=True),
            indicated(lifesense.WEIGHT_A3, lifesense.decode_weight, optional=True),
            indicated(lifesense.COMPOSITION, lifesense.decode_composition, optional=True),
            Channel(
                characteristic=full_uuid(lifesense_pairing.INDICATIONS),
                by=Delivery.INDICATE,
                codec=lifesense_pairing.decode_indication,
            ),
        ),
        layouts=(
            Layout(
                words=r"LifeSense A3 user profile write",
                codec=plain(lifesense_pairing.decode_profile),
                on=(lifesense_pairing.COMMANDS,),
            ),
            Layout(words=r"vendor SFLOAT", codec=plain(lifesense.decode_vendor_sfloat)),
        ),
        handshake=lifesense_session.SYNC,
        enrolment=lifesense_session.PAIRING,
        stored=Stored.VENDOR,
        users=Users.BYTE,
        session_end=SessionEnd(idle=timedelta(seconds=8)),
        sentinels=("user 0xFF: no slot",),
        quirks=(
            "the broadcast id must be written in every session, or the scale stores nothing",
            "the clock counts local seconds from 2010",
            "the profile of the person is left as the maker's app has set it",
        ),
    ),
)
