"""What the address selects, and what of the store that needs: shared by the pages' callbacks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.desk import Desk
from dashboard.reach import at_alert, at_patient
from dashboard.taken_back import BACK_WITHIN
from dashboard.views.charts import BASELINE_DAYS, MEASURES
from dashboard.views.patient import PatientFacts
from dashboard.views.targets import limits_in_force
from store import alerts as stored_alerts
from store import asks, care, corrections, limits, pauses, reminders
from store import patients as stored_patients
from store.connection import Connection
from store.population import ChartReading, chart_readings, own_limits, patient_file
from store.staff import Staff, staff_names, ward_staff
from store.worklist import alert_patient
from vitals.ids import AlertId, PatientId

_ALERT = re.compile(r"/app/alerts/([0-9]{1,18})")
_ASKED_BACK = timedelta(days=14)
_ASKS_SHOWN = 8
_PAUSES_SHOWN = 5
_PATIENT = re.compile(r"/app/patients/([A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The alert that the address names, or else the patient."""

    alert_id: AlertId | None = None
    patient_id: PatientId | None = None


def selection(path: str | None) -> Selection | None:
    """What the path selects; None for the bare list."""
    if match := _ALERT.fullmatch(path or ""):
        return Selection(alert_id=AlertId(int(match[1])))
    if match := _PATIENT.fullmatch(path or ""):
        return Selection(patient_id=PatientId(match[1]))
    return None


def reader_of(connection: Connection, chosen: Selection, me: Staff) -> Staff:
    """The person, on whichever ward of theirs the selected alert or patient is."""
    if chosen.alert_id is not None:
        return at_alert(connection, me, chosen.alert_id)
    return at_patient(connection, me, chosen.patient_id) if chosen.patient_id is not None else me


def patient_of(connection: Connection, chosen: Selection, me: Staff) -> PatientId | None:
    """The selected patient; None where the person's ward has none such."""
    if chosen.alert_id is not None:
        return alert_patient(connection, chosen.alert_id, me.ward_id)
    return chosen.patient_id  # whether the ward has them, `patient_file` knows


def month_began(now: datetime, time_zone: str) -> datetime:
    """The first instant of the patient's month."""
    return now.astimezone(ZoneInfo(time_zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def facts_of(
    desk: Desk, chosen: Selection, me: Staff, now: datetime, *, days: int
) -> PatientFacts | None:
    """All that the patient's page needs, of one instant; for `days` 0 without readings."""

    def read(connection: Connection) -> PatientFacts | None:
        here = reader_of(connection, chosen, me)
        patient_id, alert_id = patient_of(connection, chosen, here), chosen.alert_id
        file = patient_file(connection, patient_id, here.ward_id, now) if patient_id else None
        if patient_id is None or file is None:
            return None
        return PatientFacts(
            file=file,
            ward=dict(me.wards).get(here.ward_id),
            team=stored_patients.care_team(connection, patient_id),
            limits=limits_in_force(
                file.programmes, own_limits(connection, [patient_id], now).get(patient_id, {})
            ),
            alerts=stored_alerts.of_patient(connection, patient_id),
            alert=stored_alerts.get(connection, alert_id) if alert_id is not None else None,
            events=stored_alerts.events(connection, alert_id) if alert_id is not None else [],
            care_seconds=care.care_seconds(connection, patient_id, month_began(now, file.time_zone)),
            messages=care.messages_to(connection, patient_id, limit=5, withdrawn=True),
            asks=asks.recent(connection, [patient_id], since=now - _ASKED_BACK)[-_ASKS_SHOWN:],
            decided=corrections.of_patient(connection, patient_id, since=now - BACK_WITHIN),
            limits_set=limits.history(connection, patient_id),
            pauses=pauses.listed(connection, patient_id, limit=_PAUSES_SHOWN),
            reminder=next(iter(reminders.of_staff(connection, me.staff_id, alert_id)), None)
            if alert_id is not None
            else None,
            names=staff_names(connection),
            people=ward_staff(connection, here.ward_id),
            readings=_readings(connection, patient_id, days, now) if days else (),
        )

    return await desk.store(read)


def _readings(
    connection: Connection, patient_id: PatientId, days: int, now: datetime
) -> Sequence[ChartReading]:
    since = now - timedelta(days=max(days, BASELINE_DAYS))
    return chart_readings(connection, patient_id, MEASURES, since=since, until=now)
