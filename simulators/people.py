"""The invented patients of the demo ward: who they are, what they have and take, and how they measure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict

from simulators.courses import Illness
from simulators.physiology import Body
from simulators.ward import load_file
from store.staff import Role
from vitals.errors import HubError
from vitals.ids import PatientId, StaffId
from vitals.measure import Measure
from vitals.patient import Programme, Sex

PEOPLE_DIRECTORY = Path(__file__).parent / "scenarios" / "people"
STAFF_FILE = Path(__file__).parent / "scenarios" / "staff.toml"


class Instrument(StrEnum):
    """What a person measures with."""

    CUFF = "cuff"
    SCALE = "scale"
    OXIMETER = "oximeter"
    GLUCOSE_METER = "glucose_meter"
    THERMOMETER = "thermometer"

    @property
    def profile(self) -> str:
        """The device profile of the instruments that the ward hands out."""
        return f"standard_{self}"

    @property
    def label(self) -> str:
        """What people call it."""
        return self.replace("_", " ").capitalize()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What one of its readings holds."""
        return _MEASURES[self]


_MEASURES: dict[Instrument, tuple[Measure, ...]] = {
    Instrument.CUFF: (Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.HEART_RATE),
    Instrument.SCALE: (Measure.WEIGHT,),
    Instrument.OXIMETER: (Measure.SPO2, Measure.HEART_RATE),
    Instrument.GLUCOSE_METER: (Measure.GLUCOSE,),
    Instrument.THERMOMETER: (Measure.TEMPERATURE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One member of the ward's team."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    staff_id: StaffId
    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class CareMember:
    """One member of a patient's care team."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    role: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLimit:
    """A limit set for this patient alone, `days_ago` by `author`, whose words `reason` are.

    With `for_days` it is an override that expires so long after it was set.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    value: float
    author: str
    reason: str
    days_ago: int = 40
    for_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastIllness:
    """A course of illness as it is written down: when it began, in days before the seeding.

    `size` is in the illness's own unit. Without `lasts_days` it is still going on.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    illness: Illness
    size: float
    days_ago: float
    ramp_days: float
    lasts_days: float | None = None
    fall_days: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A planned pause, in days before the seeding; a negative `until_days_ago` lies ahead."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    reason: str
    author: str
    from_days_ago: int
    until_days_ago: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """One reading out of turn, so many hours before the seeding, with exactly these values."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    hours_ago: float
    instrument: Instrument
    values: dict[Measure, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How a person measures: with which instruments, at which local hours, and how faithfully.

    `adherence` is the chance that a planned measurement is made. `silent_days` is how long ago the person
    stopped measuring altogether; None for somebody who still does.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    instruments: tuple[Instrument, ...]
    hours: tuple[float, ...] = (8.0,)
    adherence: float = 0.9
    silent_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented patient. `allergies` is None where nobody recorded them, empty where there are none.

    `overlooked`: nobody has taken this person's newest alert; every ward should see what overdue looks like.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    patient_id: PatientId
    given_name: str
    family_name: str
    sex: Sex
    birth_date: date
    record_number: str
    phone: str
    email: str | None = None
    language: str = "en"
    interpreter: bool = False
    programmes: tuple[Programme, ...]
    enrolled_days_ago: int = 120
    conditions: tuple[str, ...]
    medicines: tuple[str, ...]
    allergies: tuple[str, ...] | None = None
    care_team: tuple[CareMember, ...]
    limits: tuple[OwnLimit, ...] = ()
    body: Body
    habit: Habit
    courses: tuple[PastIllness, ...] = ()
    extras: tuple[Extra, ...] = ()
    pause: Pause | None = None
    overlooked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _PeopleFile:
    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _StaffFile:
    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    staff: tuple[StaffMember, ...]


class UnknownPerson(HubError):
    """A ward file names a patient whom no people file describes."""

    def __init__(self, patient_id: PatientId) -> None:
        self.patient_id = patient_id
        super().__init__(f"Nobody described the patient {patient_id}.")


@cache
def load_people(directory: Path = PEOPLE_DIRECTORY) -> tuple[Person, ...]:
    """Everybody in the directory's files, in the order of their ids. Raises BadWard."""
    files = [load_file(path, _PeopleFile) for path in sorted(directory.glob("*.toml"))]
    return tuple(sorted((person for file in files for person in file.people), key=lambda p: p.patient_id))


def person_of(patient_id: PatientId) -> Person:
    """The person with that id. Raises UnknownPerson."""
    for person in load_people():
        if person.patient_id == patient_id:
            return person
    raise UnknownPerson(patient_id)


@cache
def load_staff(path: Path = STAFF_FILE) -> tuple[StaffMember, ...]:
    """The ward's team. Raises BadWard."""
    return load_file(path, _StaffFile).staff
