"""A truncated table is a change of every course: what workers remember is read again."""

import pytest

from store.connection import Connection
from tests.harness.small_ward import ANNA, BERT


def changed(connection: Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT patient_id, changed FROM course_revisions").fetchall())


@pytest.mark.parametrize("table", ["observations", "readings", "corrections"])
def test_a_truncated_table_is_a_change_for_everybody(connection: Connection, table: str) -> None:
    before = changed(connection)
    connection.execute(f"TRUNCATE {table} CASCADE".encode())
    after = changed(connection)
    for patient in (ANNA, BERT):
        assert after[patient] > before.get(patient, 0)
