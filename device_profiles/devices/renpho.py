"""Renpho scales that are neither QN nor LeFu: a dialect of the standard services, and a broadcaster."""

from device_profiles.consent import CONSENT_AND_COMMIT
from device_profiles.gatt import user_control
from device_profiles.profile import Broadcast, Evidence, Profile, Stored, Units, Users, indicated, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import broadcast_scales, renpho_wbe28

PROFILES = (
    Profile(
        name="renpho_wbe28",
        family="Renpho, standard services",
        models=("Renpho ES-WBE28",),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)(renpho )?es-wbe28.*",)),), priority=53),
        known_as=r"ES-WBE28|Renpho dialect",
        services=("181d", "181b", "181c"),
        channels=(
            indicated("2a9d", renpho_wbe28.decode_weight),
            indicated("2a9c", renpho_wbe28.decode_composition, inherits=True),
            indicated(user_control.UUID, user_control.decode),
        ),
        handshake=CONSENT_AND_COMMIT,
        stored=Stored.DUMP,
        users=Users.CONSENT,
        sentinels=("BMI and height of zero: absent",),
        quirks=(
            "weights in steps of 0.05 kg or 0.1 lb, ten times the standard's",
            "the second composition frame does not follow its flags: only its impedance is read",
        ),
    ),
    Profile(
        name="renpho_broadcast",
        family="Renpho, broadcast",
        models=("Renpho scales that only broadcast (0xAABB)",),
        evidence=Evidence.CONSTRUCTED,
        source="renpho-escs20m (MIT)",
        recognition=Recognition(any_of=(Sign(company_data=(r"ffffaabb.{34,}",)),), priority=59),
        known_as=r"AABB",
        broadcasts=(Broadcast(codec=plain(broadcast_scales.decode_aabb), manufacturer_data=True),),
        units=Units.FIXED,
    ),
)
