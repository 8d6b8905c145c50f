"""A large ward for the benchmark, filled by the database itself."""

from runtime.clock import utc_now
from store import heartbeats
from store.connection import Connection, transaction
from store.patients import add_ward
from store.staff import add_staff, hash_password
from tests.harness.desk import PASSWORD, SARA, raise_alert
from tests.harness.small_ward import WARD
from vitals.alert import Priority
from vitals.ids import PatientId

_PATIENTS = """
    INSERT INTO patients (patient_id, ward_id, given_name, family_name, sex, birth_date, record_number,
                          time_zone, conditions, medicines, enrolled_at)
    SELECT 'p-' || n, %(ward)s, 'Given' || n, 'Family' || (n * 7919 %% 10007), 'female', '1950-01-01',
           'MRN ' || n, 'Europe/London', '{Heart failure}', '{Bisoprolol 5 mg}', now() - interval '90 days'
    FROM generate_series(1, %(count)s) n
"""
_ENROLMENTS = """
    INSERT INTO programme_enrolments (patient_id, programme, starts_on)
    SELECT patient_id, 'heart_failure', current_date - 80 FROM patients
"""
_OBSERVATIONS = """
    INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
    SELECT 'p-' || n, m.measure, t, m.value + (n %% 7) + extract(day FROM t)::int %% 3,
           'r-' || n || '-' || extract(epoch FROM t), t
    FROM generate_series(1, %(count)s) n,
         generate_series(now() - interval '59 days', now(), interval '1 day') t,
         (VALUES ('weight', 80.0), ('systolic', 124.0), ('diastolic', 76.0), ('spo2', 94.0),
                 ('heart_rate', 70.0)) AS m (measure, value)
"""
# The first alert is raised as a rule raises it; the others are the same of other patients, at other times.
_ALERTS = """
    INSERT INTO alerts (patient_id, problem, kind, priority, rule, rule_version, measure, reason, message,
                        raised_at, due_at)
    SELECT 'p-' || n, problem, kind,
           CASE WHEN n <= 6 THEN 'high' WHEN n %% 3 > 0 THEN 'medium' ELSE 'low' END,
           rule, rule_version, measure, reason, message, raised_at - n %% 600 * interval '1 minute', due_at
    FROM alerts, generate_series(2, %(count)s) n WHERE patient_id = 'p-1' ORDER BY n
"""
_EVENTS = """
    INSERT INTO alert_events (alert_id, rev, kind, actor, at, data)
    SELECT a.alert_id, e.rev, e.kind, e.actor, a.raised_at, e.data
    FROM alert_events e, alerts a WHERE a.alert_id <> e.alert_id
"""


def fill(connection: Connection, patients: int, alerts: int) -> None:
    """The patients `p-1` … ; the first `alerts` of them have an open one, whose id is their number."""
    with transaction(connection):
        add_ward(connection, WARD, name="Ward", time_zone="Europe/London")
        add_staff(connection, SARA, password_hash=hash_password(PASSWORD))
        connection.execute(_PATIENTS, {"ward": WARD, "count": patients})
        connection.execute(_ENROLMENTS)
        connection.execute(_OBSERVATIONS, {"count": alerts})
        first = raise_alert(connection, PatientId("p-1"), Priority.HIGH, utc_now())
        assert first == 1, f"the first alert's id is {first}: this is no fresh database"
        connection.execute(_ALERTS, {"count": alerts})
        connection.execute(_EVENTS)
        heartbeats.beat(connection, "alerts")
    connection.execute("ANALYZE")
