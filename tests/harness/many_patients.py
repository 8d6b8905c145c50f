"""As many patients as a large hub has, made by the database itself in seconds."""

from datetime import datetime

from store.connection import Connection, transaction
from store.patients import add_ward

# Names of several languages, some with accents and marks; a few thousand families.
_PATIENTS = """
    INSERT INTO patients (patient_id, ward_id, given_name, family_name, sex, birth_date, record_number,
                          time_zone, conditions, medicines, enrolled_at)
    SELECT 'p-' || n, %(ward_id)s,
           (ARRAY['Ana', 'Zoë', 'José', 'Kwame', 'Mary', 'Olga', 'Sławomir', 'Þóra', 'John', 'Mei', 'Ngọc',
                  'Eva', 'Ibrahim', 'Chloé', 'Xenia', 'Øystein', 'Priya'])[1 + n %% 17],
           (ARRAY['Muñoz', 'O''Neill', 'Smith', 'Núñez', 'Berg', 'Dvořák', 'Al-Amin', 'Jones', 'Rossi',
                  'Çelik', 'García', 'Mensah', 'Patel', 'Wójcik', 'Lindström', 'Tanaka', 'Murphy', 'Björk',
                  'Fournier'])[1 + n %% 19]
             || (ARRAY['', '-Reyes', 'son', ' Vega', 'ová', ' de la Fuente', 'mann', ' Costa', 'ley',
                       ' Roy', 'ström'])[1 + n / 19 %% 11]
             || CASE WHEN n %% 3 = 0 THEN ''
                     ELSE ' ' || chr(65 + n / 209 %% 26) || chr(97 + n / 7 %% 26) || 'en' END,
           CASE WHEN n %% 2 = 0 THEN 'female' ELSE 'male' END, '1950-01-01',
           'MRN ' || 100000 + n * 7919 %% 900001,
           'Europe/London', '{Heart failure}', '{Bisoprolol 5 mg}', %(now)s - n * interval '1 minute'
    FROM generate_series(1, %(count)s) n
"""

# The patient's only alert, or the first of three for every tenth one.
_ALERTS = """
    INSERT INTO alerts (patient_id, problem, kind, priority, rule, rule_version, measure,
                        reason, raised_at, due_at)
    SELECT 'p-' || n * 2, 'problem_' || again, 'physiological',
           (ARRAY['high', 'medium', 'medium', 'low'])[1 + (n + again) %% 4], 'a_rule', 1, 'weight',
           'Weight up 2.5 kg in 3 days', %(now)s - (n * 7 + again) %% 5000 * interval '1 second', %(now)s
    FROM generate_series(1, %(count)s) n, generate_series(0, 2) again
    WHERE again = 0 OR n %% 10 = 0
"""

_READINGS = """
    INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
    SELECT 'p-' || n * 2, measure, t, 80 + n %% 7, 'r-' || n || '-' || extract(epoch FROM t), t
    FROM generate_series(1, %(count)s) n, unnest(ARRAY['weight', 'spo2']) measure,
         generate_series(%(now)s - interval '20 days', %(now)s, interval '2 days') t
"""


def add_many_patients(connection: Connection, ward_id: str, count: int, *, now: datetime) -> None:
    """A ward of `count` patients `p-1` … without readings; 100,000 take about ten seconds."""
    with transaction(connection):
        add_ward(connection, ward_id, name="Ward", time_zone="Europe/London")
        connection.execute(_PATIENTS, {"ward_id": ward_id, "count": count, "now": now})


def add_open_alerts(connection: Connection, count: int, *, now: datetime) -> None:
    """Open alerts and readings for `count` of them: every other patient has one, every twentieth three."""
    with transaction(connection):
        connection.execute(_ALERTS, {"count": count, "now": now})
        connection.execute(_READINGS, {"count": count, "now": now})
