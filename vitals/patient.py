"""The person watched over, and what the ward knows of them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from vitals.ids import DeviceId, PatientId


class Sex(StrEnum):
    """Administrative sex, always shown in full."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Programme(StrEnum):
    """A named bundle of rules, schedule, pathway and education; the last three are profiles."""

    HEART_FAILURE = "heart_failure"
    COPD = "copd"
    HYPERTENSION = "hypertension"
    POST_DISCHARGE = "post_discharge"
    DIABETES = "diabetes"
    POST_PARTUM = "post_partum"
    HYPERCAPNIA = "hypercapnia"
    ATRIAL_FIBRILLATION = "atrial_fibrillation"
    IMMUNOSUPPRESSED = "immunosuppressed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who a patient is. `allergies` is None where nobody recorded them, empty where there are none."""

    patient_id: PatientId
    given_name: str
    family_name: str
    sex: Sex
    birth_date: date
    record_number: str
    time_zone: str
    language: str
    phone: str | None
    programmes: tuple[Programme, ...]
    conditions: tuple[str, ...]
    allergies: tuple[str, ...] | None
    ward_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A device, or one user slot of it, belongs to a patient from `starts_at` until before `ends_at`."""

    device_id: DeviceId
    patient_id: PatientId
    user_slot: int | None
    starts_at: datetime
    ends_at: datetime | None
