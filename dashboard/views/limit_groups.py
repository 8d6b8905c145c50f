"""A patient's limits as their dialog lists them: by measure, each with whose it is and what is safe."""

from collections.abc import Mapping

from alerts.book.rulebook import PatientRules
from dashboard.components import Json
from dashboard.views.wording import limit_name
from dashboard.words import say
from vitals.breach import LimitUsed

# A limit's name begins with what it is of. In the order in which people look for them.
_GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("weight", "Weight", ("weight_", "hf_")),
    ("blood_pressure", "Blood pressure", ("systolic_", "diastolic_", "map_", "pulse_pressure_")),
    ("spo2", "Oxygen", ("spo2_", "copd_", "poor_signal")),
    ("heart_rate", "Heart rate", ("heart_rate_",)),
    ("temperature", "Temperature", ("temperature_",)),
    ("glucose", "Glucose", ("glucose_",)),
    ("news2", "Early warning score", ("news2_",)),
)
_OTHER = ("other", "Readings and equipment")


def limits_props(rules: PatientRules, in_force: Mapping[str, LimitUsed]) -> dict[str, Json]:
    """Every limit in force, those of one measure together, and the groups' names in their order."""
    listed = sorted(
        ((group_of(name), limit_name(name), name, used) for name, used in in_force.items()),
        key=lambda one: (_ORDER.index(one[0]), one[1]),
    )
    return {
        "limits": [
            {
                "name": name,
                "group": group,
                "words": words,
                "value": used.value,
                "layer": used.layer,
                "unit": rules.limits[name].spec.unit,
                "safe": list(rules.limits[name].spec.safe),
                "source": used.reason,
            }
            for group, words, name, used in listed
        ],
        "groups": [{"key": key, "words": say(words)} for key, words in _WORDS.items()],
    }


_WORDS = {key: words for key, words, _ in _GROUPS} | dict([_OTHER])
_ORDER = list(_WORDS)


def group_of(name: str) -> str:
    """The group of the limit with this name."""
    return next((key for key, _, starts in _GROUPS if name.startswith(starts)), _OTHER[0])
