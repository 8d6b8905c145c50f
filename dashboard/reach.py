"""Whose patients somebody may look at: those of the ward on their screen, and of their other wards."""

from dataclasses import replace

from store.connection import Connection
from store.population import ward_id_of
from store.staff import Staff
from store.worklist import alert_ward
from vitals.ids import AlertId, PatientId


def at_patient(connection: Connection, me: Staff, patient_id: PatientId) -> Staff:
    """The person on the ward of theirs that the patient is on; as they were where it is none of theirs.

    So a link leads to its patient whatever ward the list shows.
    """
    return _on(me, ward_id_of(connection, patient_id)) if me.wards else me


def at_alert(connection: Connection, me: Staff, alert_id: AlertId) -> Staff:
    """The same for an alert."""
    return _on(me, alert_ward(connection, alert_id)) if me.wards else me


def _on(me: Staff, ward_id: str | None) -> Staff:
    return replace(me, ward_id=ward_id) if ward_id is not None and ward_id in me.ward_ids else me
