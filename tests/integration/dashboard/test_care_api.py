"""What staff do for a patient and to the ward's equipment, over the API that the pages use."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from device_profiles.catalog import PROFILES
from runtime.clock import utc_now
from store import care, devices, gateways, quarantine
from store.quarantine import Refused, Scope
from tests.harness.desk import DOROTHY, QUIET, SARA, STRANGER, Dashboard, raise_alert
from vitals.alert import Priority
from vitals.ids import DeviceId, GatewayId, PatientId

_PATH = f"/api/patients/{QUIET}"


def test_the_limits_in_force_are_told_with_what_is_safe(sara: httpx.Client) -> None:
    found = sara.get(f"{_PATH}/limits").json()["limits"]
    gain = next(limit for limit in found if limit["name"] == "weight_gain_fast")
    assert (gain["value"], gain["layer"], gain["words"]) == (2.0, "programme", "Weight gain in 3 days")
    assert gain["safe"][0] < gain["value"] < gain["safe"][1]


def test_a_limit_of_a_patients_own_counts_at_once_and_ends_by_itself(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    fields = {"name": "spo2_low", "value": 90, "reason": "COPD, usual 91", "days": 7}
    assert sara.post(f"{_PATH}/limits", json=fields).status_code == 200
    now = next(one for one in sara.get(f"{_PATH}/limits").json()["limits"] if one["name"] == "spo2_low")
    assert (now["value"], now["layer"]) == (90, "override")
    assert dashboard.rows("SELECT author FROM limits WHERE patient_id = %s", QUIET) == [(SARA.staff_id,)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 20}, "must lie between"),
        ({"name": "nonsense"}, "No rule of this patient"),
        ({"days": None}, "clinician"),
        ({"days": 30}, "clinician"),
    ],
)
def test_an_unsafe_limit_or_one_beyond_a_nurses_reach_is_refused_in_words(
    sara: httpx.Client, change: dict[str, object], words: str
) -> None:
    fields = {"name": "spo2_critical", "value": 86, "reason": "x", "days": 3} | change
    answer = sara.post(f"{_PATH}/limits", json=fields)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_an_excluded_reading_counts_for_nothing_and_may_be_released_again(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    path = f"{_PATH}/readings/{QUIET}-3"
    query = "SELECT DISTINCT standing FROM observations WHERE reading_id = %s"
    assert sara.post(f"{path}/exclude", json={"reason": "Somebody else"}).status_code == 200
    assert dashboard.rows(query, f"{QUIET}-3") == [("excluded",)]
    assert sara.post(f"{path}/exclude", json={"reason": "Again"}).json()["error"] == "It stands so already."
    assert sara.post(f"{path}/release", json={"reason": "It was his"}).status_code == 200
    assert dashboard.rows(query, f"{QUIET}-3") == [("accepted",)]


def test_a_corrected_value_must_be_possible(sara: httpx.Client) -> None:
    path = f"{_PATH}/readings/{QUIET}-4/correct"
    fields = {"reason": "Typed wrongly", "measure": "weight", "value": 810}
    assert sara.post(path, json=fields).status_code == 422
    assert sara.post(path, json={**fields, "value": 81}).status_code == 200
    assert sara.post(path, json={"reason": "No value"}).status_code == 422


def test_a_message_and_time_are_kept_for_the_patient(dashboard: Dashboard, sara: httpx.Client) -> None:
    assert sara.post(f"{_PATH}/messages", json={"text": "Please weigh before breakfast."}).status_code == 200
    assert sara.post(f"{_PATH}/care-time", json={"seconds": 65}).status_code == 200
    assert dashboard.rows("SELECT body FROM messages WHERE patient_id = %s", QUIET) == [
        ("Please weigh before breakfast.",)
    ]
    assert dashboard.rows("SELECT seconds FROM care_time WHERE patient_id = %s", QUIET) == [(65,)]
    assert sara.post(f"{_PATH}/care-time", json={"seconds": 100_000}).status_code == 422


def test_a_logged_call_counts_as_care_time_once(dashboard: Dashboard, sara: httpx.Client) -> None:
    """Ten minutes on the phone, of which the page in front of the nurse counted four."""
    patient = PatientId("p-script")
    before = utc_now()
    with dashboard.database() as connection:
        alert = raise_alert(connection, patient, Priority.LOW, before, problem="to_be_called")
        assert sara.post(f"/api/patients/{patient}/care-time", json={"seconds": 240}).status_code == 200
        assert care.care_seconds(connection, patient, before) == 240
        call = {"rev": 1, "whom": "patient", "reached": True, "minutes": 10, "text": "Well."}
        assert sara.post(f"/api/alerts/{alert}/call", json=call).status_code == 200
        assert care.care_seconds(connection, patient, before) == 600
        long_after = utc_now() + timedelta(days=1)
        assert care.care_seconds(connection, patient, long_after) == 0


def test_somebody_elses_reading_is_given_to_them_with_the_reason(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    path = f"{_PATH}/readings/{QUIET}-5/reassign"
    unknown = sara.post(path, json={"reason": "His wife's", "record_number": "none"})
    assert unknown.json()["error"] == "No patient of your ward has this record number."
    theirs = {"reason": "His wife's", "record_number": f"MRN-{DOROTHY}"}
    assert sara.post(path, json=theirs).status_code == 200
    query = "SELECT DISTINCT patient_id FROM observations WHERE reading_id = %s"
    assert dashboard.rows(query, f"{QUIET}-5") == [(DOROTHY,)]
    kept = "SELECT kind, reason, author FROM corrections WHERE reading_id = %s"
    assert dashboard.rows(kept, f"{QUIET}-5") == [("reassigned", "His wife's", SARA.staff_id)]
    assert sara.post(path, json=theirs).status_code == 422, "it is not his any more"


@pytest.mark.parametrize("rest", ["limits", "messages", "care-time"])
def test_a_patient_of_another_ward_cannot_be_reached(sara: httpx.Client, rest: str) -> None:
    fields = {"name": "spo2_low", "value": 90, "reason": "x", "days": 1, "text": "x", "seconds": 60}
    assert sara.post(f"/api/patients/p-elsewhere/{rest}", json=fields).status_code == 404


@pytest.fixture
def refused(dashboard: Dashboard) -> Iterator[int]:
    """Something in quarantine that nobody can read."""
    with dashboard.database() as connection:
        body = f"not json {utc_now().isoformat()}".encode()
        one = Refused(
            scope=Scope.MESSAGE, body=body, reason="undecodable", detail="no JSON", arrived_at=utc_now()
        )
        quarantine.add(connection, [one])
        yield quarantine.open_items(connection)[0].quarantine_id


def test_what_is_discarded_leaves_the_list_once(sara: httpx.Client, refused: int) -> None:
    assert sara.post(f"/api/quarantine/{refused}/discard", json={"why": ""}).status_code == 422
    assert sara.post(f"/api/quarantine/{refused}/discard", json={"why": "Noise"}).status_code == 200
    again = sara.post(f"/api/quarantine/{refused}/discard", json={"why": "Noise"})
    assert again.json()["error"] == "Somebody decided this already."


def test_what_still_cannot_be_admitted_stays_with_its_reason(sara: httpx.Client, refused: int) -> None:
    assert sara.post(f"/api/quarantine/{refused}/release", json={"why": "Try"}).status_code == 422
    nobody = sara.post(f"/api/quarantine/{refused}/reassign", json={"why": "His", "record_number": "none"})
    assert nobody.json()["error"] == "No patient of your ward has this record number."


def test_a_gateway_and_a_device_are_enrolled_and_the_device_given_to_one_patient_at_a_time(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    assert sara.post("/api/gateways", json={"gateway_id": "gw-new", "label": "Flat 4"}).status_code == 200
    assert sara.post("/api/gateways", json={"gateway_id": "gw-new"}).status_code == 422
    assert sara.post("/api/gateways", json={"gateway_id": "bad id/"}).status_code == 422
    device = {"device_id": "d-new", "profile": "ble_weight", "gateway_id": "gw-new"}
    unknown = sara.post("/api/devices", json={**device, "profile": "no such model"})
    assert unknown.json()["error"] == "Choose the model from the list."
    assert sara.post("/api/devices", json={**device, "profile": PROFILES[0].name}).status_code == 200
    theirs = {"record_number": f"MRN-{QUIET}"}
    assert sara.post("/api/devices/d-new/assign", json=theirs).status_code == 200
    assert "somebody already" in sara.post("/api/devices/d-new/assign", json=theirs).json()["error"]
    assert sara.post("/api/devices/d-new/end", json={"slot": None}).status_code == 200
    assert sara.post("/api/devices/d-new/end", json={"slot": None}).status_code == 422
    with dashboard.database() as connection:
        assert [one.label for one in gateways.listed(connection, ["gw-new"])] == ["Flat 4"]  # type: ignore[list-item]


def test_an_assignment_that_was_ended_by_mistake_runs_on_with_who_said_so(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    with dashboard.database() as connection:
        gateways.add(connection, GatewayId("gw-end"), enrolled_at=utc_now())
        devices.add(
            connection, DeviceId("d-end"), gateway_id=GatewayId("gw-end"), profile="ble_weight",
            enrolled_at=utc_now(),
        )  # fmt: skip
    assert sara.post("/api/devices/d-end/assign", json={"record_number": f"MRN-{QUIET}"}).status_code == 200
    valid = "SELECT patient_id, ends_at FROM assignments WHERE device_id = 'd-end' ORDER BY starts_at"
    with dashboard.sign_in(STRANGER) as stranger:
        assert stranger.post("/api/devices/d-end/end", json={"slot": None}).status_code == 422
    undo = sara.post("/api/devices/d-end/end", json={"slot": None}).json()["undo"]
    assert dashboard.rows(valid)[0][1] is not None
    with dashboard.sign_in(STRANGER) as stranger:
        assert stranger.post(undo).status_code == 422
    assert sara.post(undo).status_code == 200
    assert dashboard.rows(valid) == [(QUIET, None)]
    assert sara.post(undo).status_code == 422, "it runs already"
    again = sara.post("/api/devices/d-end/end", json={"slot": None}).json()["undo"]
    assert sara.post("/api/devices/d-end/assign", json={"record_number": f"MRN-{DOROTHY}"}).status_code == 200
    assert "somebody already" in sara.post(again).json()["error"]
    kept = "SELECT author, undone_by FROM assignment_ends ORDER BY end_id DESC LIMIT 2"
    assert dashboard.rows(kept) == [(SARA.staff_id, None), (SARA.staff_id, SARA.staff_id)]


def test_whose_record_number_it_is_stands_there_before_anything_is_given(sara: httpx.Client) -> None:
    asked = {"record_number": f" MRN-{DOROTHY} ", "beside": QUIET}
    found = sara.post("/api/patients/whose", json=asked).json()["patient"]
    assert (found["name"], found["born"]) == ("Dorothy Rahman", "17-May-1948")
    assert sara.post("/api/patients/whose", json={"record_number": "none"}).json() == {"patient": None}


def test_the_limits_of_one_measure_stand_together(sara: httpx.Client) -> None:
    found = sara.get(f"{_PATH}/limits").json()
    groups = [one["group"] for one in found["limits"]]
    assert [group for place, group in enumerate(groups) if group not in groups[:place]] == [
        one["key"] for one in found["groups"] if one["key"] in groups
    ]
    assert groups == sorted(groups, key=[one["key"] for one in found["groups"]].index)


def test_the_export_has_a_line_for_each_alert_and_no_name(sara: httpx.Client) -> None:
    answer = sara.get("/api/reports/alerts.csv", params={"days": 7})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert DOROTHY in [line["patient_id"] for line in lines]
    assert "Rahman" not in answer.text
