"""Files as other people write them: what they mean is understood, and what cannot be used is counted."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as arrow_parquet

from alerts.book import rulebook
from alerts.history.oddities import Oddities
from alerts.history.read import read
from alerts.history.replay import History
from alerts.history.table import UnusableFile
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

PATIENTS = "patient_id,programmes,time_zone\na,hypertension,Europe/London\n"
HEAD = "patient_id,measured_at,measure,value\n"
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def histories(
    tmp_path: Path, observations: str | pa.Table, patients: str = PATIENTS
) -> tuple[list[History], Oddities]:
    people = tmp_path / "patients.csv"
    people.write_text(patients, "utf-8")
    if isinstance(observations, str):
        said = tmp_path / "observations.csv"
        said.write_text(observations, "utf-8")
    else:
        said = tmp_path / "observations.parquet"
        arrow_parquet.write_table(observations, said)
    found, _, oddities = read(said, people, rulebook.shipped())
    return found, oddities


def one(tmp_path: Path, rows: str, head: str = HEAD) -> tuple[History, Oddities]:
    [history], oddities = histories(tmp_path, head + rows)
    return history, oddities


@pytest.mark.parametrize(
    ("word", "value", "measure", "expected"),
    [
        ("sbp", "142", Measure.SYSTOLIC, 142),
        ("Systolic Blood Pressure", "142", Measure.SYSTOLIC, 142),
        ("8480-6", "142", Measure.SYSTOLIC, 142),
        ("DBP_mmHg", "88", Measure.DIASTOLIC, 88),
        ("Systolic pressure", "142", Measure.SYSTOLIC, 142),
        ("systolicBP", "142", Measure.SYSTOLIC, 142),
        ("bp_dia", "88", Measure.DIASTOLIC, 88),
        ("HR", "72", Measure.HEART_RATE, 72),
        ("pulse (bpm)", "72", Measure.HEART_RATE, 72),
        ("HeartRate", "72", Measure.HEART_RATE, 72),
        ("oxygen saturation", "94", Measure.SPO2, 94),
        ("bodyWeight", "84.2", Measure.WEIGHT, 84.2),
        ("SpO2 (%)", "94", Measure.SPO2, 94),
        ("weight_kg", "84.2", Measure.WEIGHT, 84.2),
        ("weight_lb", "185.6", Measure.WEIGHT, 84.187),
        ("Weight (lbs)", "185.6", Measure.WEIGHT, 84.187),
        ("temperature_f", "100.4", Measure.TEMPERATURE, 38.0),
        ("glucose_mmol", "5.5", Measure.GLUCOSE, 99.088),
        ("glucose", "HI", Measure.GLUCOSE, 600),
    ],
)
def test_the_names_and_units_that_people_write(
    tmp_path: Path, word: str, value: str, measure: Measure, expected: float
) -> None:
    history, oddities = one(tmp_path, f"a,2026-03-02T08:00:00Z,{word},{value}\n")
    assert history.readings[0].values[measure] == pytest.approx(expected, abs=0.001)
    assert not oddities.refused


def test_a_column_of_units_is_obeyed_and_an_unknown_unit_refused(tmp_path: Path) -> None:
    rows = "a,2026-03-02T08:00:00Z,weight,185.6,[lb_av]\na,2026-03-03T08:00:00Z,weight,13,furlong\n"
    history, oddities = one(tmp_path, rows, "patient_id,measured_at,measure,value,unit\n")
    assert [m.values[Measure.WEIGHT] for m in history.readings] == [pytest.approx(84.187, abs=0.001)]
    [(why, [place])] = oddities.refused.items()
    assert "unknown unit 'furlong' of weight" in why
    assert (place.file, place.line) == ("observations.csv", 3)


@pytest.mark.parametrize(
    ("said", "received", "measured"),
    [
        ("1970-01-01T00:00:05Z", "2026-03-02T08:00:00Z", AT),
        ("2027-03-02T08:00:00Z", "2026-03-02T08:00:00Z", AT),
        ("2026-03-02T08:04:00Z", "2026-03-02T08:00:00Z", AT + timedelta(minutes=4)),
        ("2026-03-01T07:00:00Z", "2026-03-02T08:00:00Z", AT - timedelta(hours=25)),
        ("2012-03-02T08:00:00Z", "2012-03-02T08:01:00Z", datetime(2012, 3, 2, 8, tzinfo=UTC)),
    ],
)
def test_a_device_whose_clock_cannot_be_right_measured_when_it_was_received(
    tmp_path: Path, said: str, received: str, measured: datetime
) -> None:
    """As a live hub has it: else a crisis of 1970 is history, and calls nobody."""
    head = "patient_id,measured_at,received_at,measure,value\n"
    history, oddities = one(tmp_path, f"a,{said},{received},sbp,190\n", head)
    assert history.readings[0].at == measured
    assert bool(oddities.assumed) == (measured == AT)


@pytest.mark.parametrize(
    ("said", "measured"),
    [
        ("2026-03-02 08:00:00 +0100", AT - timedelta(hours=1)),
        ("2026-03-02  08:00:00", AT),
        ("2026/3/2 8:00", AT),
        ("2026-3-2 8:00:00", AT),
        ("2026-03-02 08:00:00 UTC", AT),
        ("02-Mar-2026 08:00", AT),
        ("2 March 2026 8:00:00", AT),
    ],
)
def test_instants_that_are_written_almost_as_iso_8601(tmp_path: Path, said: str, measured: datetime) -> None:
    history, oddities = one(tmp_path, f"a,{said},weight,84.2\n")
    assert [m.at for m in history.readings] == [measured]
    assert not oddities.refused


@pytest.mark.parametrize("said", ["2026-07-02", "2026/7/2", "02-Jul-2026"])
def test_a_date_without_a_time_is_a_morning_of_the_patients_own(tmp_path: Path, said: str) -> None:
    patients = "patient_id,programmes,time_zone\na,heart_failure,America/Los_Angeles\n"
    [history], oddities = histories(tmp_path, f"{HEAD}a,{said},weight,84.2\na,{said},weight,84.4\n", patients)
    morning = datetime(2026, 7, 2, 15, tzinfo=UTC)
    assert [m.at for m in history.readings] == [morning, morning + timedelta(minutes=1)]
    assert any("without a time" in what for what in oddities.assumed)


@pytest.mark.parametrize("said", ["12/10/2025 08:00", "20/02/2026", "3.4.2026", "1-2-26"])
def test_a_date_that_can_be_read_in_two_ways_is_refused_with_how_to_write_it(
    tmp_path: Path, said: str
) -> None:
    history, oddities = one(tmp_path, f"a,{said},weight,84.2\na,2026-03-02T08:00:00Z,weight,84.0\n")
    assert [m.values for m in history.readings] == [{Measure.WEIGHT: 84.0}]
    [(why, [place])] = oddities.refused.items()
    assert why == "measured_at is a date that can be read in two ways: write it as 2025-12-31"
    assert place.line == 2


def test_one_pressure_in_one_cell(tmp_path: Path) -> None:
    history, oddities = one(tmp_path, "a,2026-03-02T08:00:00Z,bp,142/88\na,2026-03-02T09:00:00Z,bp,142\n")
    assert history.readings[0].values == {Measure.SYSTOLIC: 142, Measure.DIASTOLIC: 88}
    assert list(oddities.refused) == ["bp whose value is not two numbers like 120/80"]


@pytest.mark.parametrize(
    "said",
    [
        "2026-03-02T08:00:00Z",
        "2026-03-02 08:00:00+00:00",
        "2026-03-02T09:00:00+01:00",
        "2026-03-02 08:00",
        "1772438400",
        "1772438400000",
        "1772438400000000000",
    ],
)
def test_one_instant_however_it_is_written(tmp_path: Path, said: str) -> None:
    history, oddities = one(tmp_path, f"a,{said},sbp,142\n")
    assert history.readings[0].at == AT
    naive = "measured_at without an offset: taken as UTC" in oddities.assumed
    assert naive == (said == "2026-03-02 08:00")


@pytest.mark.parametrize(
    "column",
    [
        pa.array([AT], pa.timestamp("s", tz="UTC")),
        pa.array([AT], pa.timestamp("ms", tz="Europe/Madrid")),
        pa.array([1772438400000000001], pa.timestamp("ns", tz="UTC")),
        pa.array([AT.replace(tzinfo=None)], pa.timestamp("us")),
        pa.array(["2026-03-02T08:00:00Z"], pa.string()).dictionary_encode(),
        pa.array([1772438400], pa.int64()),
    ],
)
def test_parquet_has_instants_of_many_types(tmp_path: Path, column: pa.Array) -> None:
    table = pa.table(
        {
            "patient_id": ["a"],
            "measured_at": column,
            "measure": ["sbp"],
            "value": pa.array([Decimal("142.0")]),
            "flags": pa.array([["irregular_pulse", "motion"]]),
        }
    )
    [history], _ = histories(tmp_path, table)
    [reading] = history.readings
    assert (reading.at, reading.values[Measure.SYSTOLIC]) == (AT, 142)
    assert reading.quality == {Quality.IRREGULAR_PULSE, Quality.MOTION}


def test_parquet_dates_and_numbers_as_ids(tmp_path: Path) -> None:
    table = pa.table(
        {
            "patient_id": pa.array([7.0]),
            "measured_at": pa.array([date(2026, 3, 2)]),
            "measure": ["weight"],
            "value": [84],
        }
    )
    [history], oddities = histories(tmp_path, table, "patient_id,programmes\n7,heart_failure\n")
    assert history.patient.patient_id == "7"
    assert history.readings[0].at == AT
    assert not oddities.refused


@pytest.mark.parametrize(
    ("flags", "quality", "decided"),
    [
        ("", set(), None),
        ("none", set(), None),
        ("nan", set(), None),
        ("ok", set(), None),
        ("motion", {Quality.MOTION}, None),
        ("motion;irregular", {Quality.MOTION, Quality.IRREGULAR_PULSE}, None),
        ('"[""low_perfusion""]"', {Quality.LOW_PERFUSION}, None),
        ("excluded", set(), Standing.EXCLUDED),
        ("accepted", set(), Standing.ACCEPTED),
    ],
)
def test_flags_absent_empty_and_in_lists(
    tmp_path: Path, flags: str, quality: set[Quality], decided: Standing | None
) -> None:
    history, oddities = one(
        tmp_path,
        f"a,2026-03-02T08:00:00Z,spo2,94,{flags},whatever\n",
        "patient_id,measured_at,measure,value,flags,extra\n",
    )
    assert (set(history.readings[0].quality), history.readings[0].decided) == (quality, decided)
    assert not oddities.assumed
    assert not oddities.refused


def test_a_sitting_as_rows_of_one_instant_is_a_minute_apart_and_a_row_twice_is_one(tmp_path: Path) -> None:
    rows = "".join(
        f"a,2026-03-02T08:00:00Z,{measure},{value}\n"
        for measure, value in [
            ("sbp", 142),
            ("dbp", 88),
            ("sbp", 138),
            ("dbp", 86),
            ("sbp", 142),
            ("dbp", 88),
        ]
    )
    history, oddities = one(tmp_path, rows)
    assert [
        (m.at - AT, m.values[Measure.SYSTOLIC], m.values[Measure.DIASTOLIC]) for m in history.readings
    ] == [
        (timedelta(0), 142, 88),
        (timedelta(minutes=1), 138, 86),
    ]
    assert [place.line for place in oddities.refused["row that an earlier line has"]] == [6, 7]


def test_every_row_that_is_not_used_has_its_reason_and_its_line(tmp_path: Path) -> None:
    rows = (
        "a,2026-03-04T08:00:00Z,weight,84.2\n"
        "a,2026-03-03T08:00:00Z,weight,0.0\n"
        "a,yesterday,weight,84.0\n"
        "a,2026-03-02T08:00:00Z,wieght,84.0\n"
        "a,2026-03-02T08:00:00Z,weight,heavy\n"
        ",2026-03-02T08:00:00Z,weight,84.0\n"
        "b,2026-03-02T08:00:00Z,weight,84.0\n"
        "a,2026-03-02T08:00:00Z,weight\n"
        "\n"
        "a,2026-03-02T08:00:00Z,weight,84.0\n"
    )
    history, oddities = one(tmp_path, rows)
    assert [m.values[Measure.WEIGHT] for m in history.readings] == [84.0, 84.2]
    assert {why: [place.line for place in places] for why, places in oddities.refused.items()} == {
        "value is 0: the measurement is missing": [3],
        "measured_at is neither ISO 8601 nor a count of seconds since 1970": [4],
        "unknown measure 'wieght' (did you mean 'weight'?)": [5],
        "value is not a number": [6],
        "observation without a patient_id": [7],
        "observation of a patient that patients.csv does not have": [8],
        "3 cells where the header has 4": [9],
    }
    said = list(oddities.lines())
    assert "refused: value is not a number: 1 rows (observations.csv line 6)" in said
    out = tmp_path / "refused.csv"
    oddities.write_refused(out)
    assert "observations.csv,6,value is not a number" in out.read_text("utf-8").splitlines()


def test_patients_as_people_write_them(tmp_path: Path) -> None:
    patients = (
        "Patient ID;programs;birth date;limits;time zone;ended at\n"
        'a;"HF, copd";;systolic_crisis=170,spo2_lwo=90,systolic_low=20;Europe/Madrid;2026-03-20\n'
        "a;copd;;;;\n"
        "b;hart_failure;1950;;Mars/Olympus;\n"
    )
    rows = "a,2026-03-02T08:00:00Z,weight,84.2\nb,2026-03-02T08:00:00Z,weight,84.2\n"
    [a, b], oddities = histories(tmp_path, HEAD + rows, patients)
    assert set(a.patient.programmes) == {"heart_failure", "copd"}
    assert [(limit.name, limit.value) for limit in a.limits] == [("systolic_crisis", 170)]
    assert a.patient.birth_date is None
    assert a.until == datetime(2026, 3, 19, 23, tzinfo=UTC)
    assert b.patient.time_zone == "UTC"
    assert [place.line for place in oddities.refused["patient that an earlier line has"]] == [3]
    said = " ".join(oddities.assumed)
    for expected in (
        "did you mean 'heart_failure'?",
        "did you mean 'spo2_low'?",
        "limit systolic_low of 20",
        "Mars/Olympus",
        "birth_date is no ISO 8601 date",
    ):
        assert expected in said


def test_a_patient_is_followed_for_a_fortnight_after_the_last_reading_or_as_long_as_there_are_readings(
    tmp_path: Path,
) -> None:
    first, patients = f"{HEAD}a,2026-03-02T08:00:00Z,weight,84.2\n", f"{PATIENTS}b,copd,UTC\n"
    for other, until in (("03-01", 1), ("03-10", 9), ("07-01", 14)):
        rows = f"b,2026-{other}T08:00:00Z,spo2,94\n"
        [history, _], _ = histories(tmp_path, first + rows, patients)
        assert history.until == AT + timedelta(days=until)


@pytest.mark.parametrize(
    ("said", "programmes"),
    [
        ("Heart Failure", {"heart_failure"}),
        ("heart failure; COPD", {"heart_failure", "copd"}),
        ("HF and high blood pressure", {"heart_failure", "hypertension"}),
        ("hf copd", {"heart_failure", "copd"}),
        ("CHF|HTN", {"heart_failure", "hypertension"}),
        ('"[""post-discharge"", ""Type 2 diabetes""]"', {"post_discharge", "diabetes"}),
        ("HeartFailure programme", {"heart_failure"}),
    ],
)
def test_the_names_of_programmes_that_people_write(tmp_path: Path, said: str, programmes: set[str]) -> None:
    patients = f"patient_id,programmes,time_zone\na,{said},UTC\n"
    [history], oddities = histories(tmp_path, f"{HEAD}a,2026-03-02T08:00:00Z,weight,84.2\n", patients)
    assert set(history.patient.programmes) == programmes
    assert not oddities.assumed


def test_a_programme_that_there_is_none_of_is_named_with_its_line_and_what_was_meant(tmp_path: Path) -> None:
    patients = "patient_id,programmes,time_zone\na,hart failure;copd,UTC\n"
    [history], oddities = histories(tmp_path, f"{HEAD}a,2026-03-02T08:00:00Z,weight,84.2\n", patients)
    assert set(history.patient.programmes) == {"copd"}
    [(said, [place])] = oddities.assumed.items()
    assert said == "unknown programme 'hart failure' (did you mean 'heart_failure'?): left out"
    assert (place.file, place.line) == ("patients.csv", 2)


@pytest.mark.parametrize(
    "head",
    [
        "subject_id,timestamp,type,value\n",
        "PatientID,measuredAt,parameter,result\n",
        "patient,date,vital sign,reading\n",
        "pid,recorded_at,name,val\n",
    ],
)
def test_columns_by_the_names_that_people_give_them(tmp_path: Path, head: str) -> None:
    history, oddities = one(tmp_path, "a,2026-03-02T08:00:00Z,weight,84.2\n", head)
    assert [m.values for m in history.readings] == [{Measure.WEIGHT: 84.2}]
    assert not oddities.refused


def test_a_decimal_comma_and_a_byte_order_mark(tmp_path: Path) -> None:
    head = "\ufeffpatient_id;measured_at;measure;value\n"
    history, _ = one(tmp_path, "a;2026-03-02T08:00:00Z;weight;84,2\n", head)
    assert history.readings[0].values == {Measure.WEIGHT: 84.2}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("patient_id,time,timestamp,measure,value\n", "has the column measured_at more than once"),
        ("patient_id,measured_at\n", "has no column measure, value; it has patient_id, measured_at"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(UnusableFile, match=why):
        histories(tmp_path, content)
