"""Handshakes are data: played against a peripheral that answers as the recordings do."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from device_profiles import catalog
from device_profiles.consent import CHANGE_INCREMENT, CONSENT, refused
from device_profiles.gatt.user_control import Result
from device_profiles.handshake import (
    Action,
    Await,
    Dialogue,
    Facts,
    Handshake,
    Read,
    Write,
    say,
)
from device_profiles.profile import Profile
from device_profiles.uuids import full_uuid, short_uuid
from device_profiles.vendor import lifesense_session, taidoc, taidoc_session

LOCAL = datetime(2026, 10, 13, 19, 50, 33)  # noqa: DTZ001  # a wall clock
Answers = Callable[[str, str], Sequence[tuple[str, str]]]


def profile(name: str) -> Profile:
    known = catalog.profile(name)
    assert known is not None
    return known


def play(
    handshake: Handshake,
    answers: Answers,
    *,
    opening: Sequence[tuple[str, str]] = (),
    values: dict[str, str] | None = None,
    kept: dict[str, bytes] | None = None,
) -> tuple[list[tuple[str, str]], Dialogue]:
    """What was written, as short UUID and hexadecimal, until nobody has more to say.

    `opening` is what the peripheral sends by itself, `values` what can be read of it.
    """
    dialogue = Dialogue(handshake, Facts(local=LOCAL, kept=kept or {}))
    written: list[tuple[str, str]] = []
    said = list(opening)
    actions: list[Action] = list(dialogue.begin())
    for _turn in range(100):
        while actions:
            action = actions.pop(0)
            if isinstance(action, Read):
                value = (values or {}).get(short_uuid(action.characteristic))
                actions += dialogue.answer(bytes.fromhex(value) if value is not None else None)
            elif isinstance(action, Write):
                written.append((short_uuid(action.characteristic), action.value.hex()))
                said += answers(*written[-1])
        if said:
            characteristic, frame = said.pop(0)
            actions += dialogue.hear(characteristic, bytes.fromhex(frame))
        elif dialogue.deadline is not None:
            actions += dialogue.expire()
        if not actions and not said and dialogue.deadline is None:
            break
    return written, dialogue


def silent(_characteristic: str, _frame: str) -> list[tuple[str, str]]:
    return []


def test_a_step_that_is_required_fails_the_dialogue_and_nothing_more_is_written() -> None:
    awaited = Await(characteristic="fff1", accepts=lambda _frame: True, timeout=timedelta(seconds=1))
    handshake = Handshake(steps=(*say("fff2", b"\x01"), awaited, *say("fff2", b"\x02")))
    written, dialogue = play(handshake, silent)
    assert written == [("fff2", "01")]
    assert dialogue.failed == "nothing came on fff1"


def test_a_step_that_is_not_required_is_passed_over() -> None:
    awaited = Await(characteristic="fff1", accepts=lambda _frame: True, required=False)
    written, dialogue = play(Handshake(steps=(awaited, *say("fff2", b"\x02"))), silent)
    assert (written, dialogue.failed, dialogue.done) == ([("fff2", "02")], None, True)


def test_what_is_not_awaited_does_not_advance_the_dialogue() -> None:
    awaited = Await(characteristic="fff1", accepts=lambda frame: frame[:1] == b"\xa1")
    dialogue = Dialogue(Handshake(steps=(awaited, *say("fff2", b"\x02"))), Facts(local=LOCAL))
    assert list(dialogue.begin()) == []
    assert list(dialogue.hear("fff1", b"\xa0")) == []
    assert list(dialogue.hear("fff3", b"\xa1")) == []
    assert [action for action in dialogue.hear("fff1", b"\xa1") if isinstance(action, Write)] == [
        Write(characteristic=full_uuid("fff2"), value=b"\x02")
    ]


def qn_scale(_characteristic: str, frame: str) -> list[tuple[str, str]]:
    """A GE CS 10 G, as captured: it asks for its configuration, the time, a user, and then streams."""
    answers = {"13": "1405ff0119", "20": "2105ff0126", "22": "100bff1d65 01 01f501f3".replace(" ", "")}
    answer = answers.get(frame[:2])
    if answer is None:
        return []
    return [("fff1", answer if frame[:2] != "22" else answer + f"{sum(bytes.fromhex(answer)) & 0xFF:02x}")]


def test_a_qn_scale_is_answered_until_it_has_said_its_weight() -> None:
    handshake = profile("qn_scale").handshake
    opening = [("fff1", "1214ff4ec70e0007ff140f4200020503e06f2b37")]
    written, _dialogue = play(handshake, qn_scale, opening=opening)
    assert [frame[:2] for _to, frame in written] == ["13", "20", "a0", "a0", "22", "1f"]
    assert {to for to, _frame in written} == {"fff2"}
    assert all(sum(bytes.fromhex(frame)[:-1]) & 0xFF == bytes.fromhex(frame)[-1] for _to, frame in written)


def consent_scale(_characteristic: str, frame: str) -> list[tuple[str, str]]:
    return [("2a9f", "200201")] if frame.startswith("02") else []


def test_a_consent_scale_gets_its_code_and_its_own_data_back() -> None:
    written, dialogue = play(
        profile("beurer_bf").handshake,
        consent_scale,
        values={"2a85": "bf070808", "2a99": "05000000"},
        kept={CONSENT: bytes.fromhex("01a80e")},
    )
    assert written == [("2a9f", "0201a80e"), ("2a85", "bf070808"), ("2a99", "06000000")]
    assert dialogue.kept[CHANGE_INCREMENT] == bytes.fromhex("05000000")


def test_a_scale_without_a_known_code_is_not_asked_for_consent() -> None:
    written, dialogue = play(profile("beurer_bf").handshake, silent, values={"2a99": "05000000"})
    assert written == [("2a99", "06000000")]
    assert dialogue.failed is None


def test_a_refused_consent_says_why() -> None:
    assert refused(bytes.fromhex("200205")) == Result.USER_NOT_AUTHORIZED
    assert refused(bytes.fromhex("200201")) is None


def lifesense_scale(_characteristic: str, frame: str) -> list[tuple[str, str]]:
    return [("8a82", "c00100")] if frame.startswith("02") else []


def test_a_lifesense_scale_is_answered_with_its_password_and_given_its_broadcast_id() -> None:
    written, dialogue = play(
        profile("lifesense").handshake,
        lifesense_scale,
        opening=[("8a82", "a1010000c4")],
        kept={"password": bytes.fromhex("d90074c9"), "broadcast_id": bytes.fromhex("11223344")},
    )
    assert written == [("8a81", "20d800740d"), ("8a81", "2111223344"), ("8a81", "028950911f"), ("8a81", "22")]
    assert dialogue.failed is None


def test_the_password_of_the_pairing_is_kept_for_later_sessions() -> None:
    written, dialogue = play(
        lifesense_session.PAIRING,
        lifesense_scale,
        opening=[("8a82", "a0d90074c9"), ("8a82", "a1010000c4")],
    )
    assert dialogue.kept["password"] == bytes.fromhex("d90074c9")
    assert ("8a81", "20d800740d") in written


def test_each_part_of_a_beurer_composition_is_acknowledged() -> None:
    written, _dialogue = play(
        profile("beurer_e7").handshake, silent, opening=[("ffe1", "e759030309018d00e907170aa20108")]
    )
    assert written == [("ffe1", "e7f1590303")]


def test_a_stored_record_of_a_lefu_scale_is_acknowledged() -> None:
    handshake = profile("lefu_55aa").handshake
    written, _dialogue = play(handshake, silent, opening=[("2a10", "55aa150001ff00")])
    assert written == [("2a11", "55aa900004010000 0094".replace(" ", "")), ("2a11", "55aa9500010196")]


def test_a_glucose_meter_is_asked_for_everything_once_and_then_for_what_is_new() -> None:
    handshake = profile("standard_glucose_meter").handshake
    assert play(handshake, silent)[0] == [("2a52", "0101")]
    assert play(handshake, silent, kept={"last_sequence": b"\x07\x00"})[0] == [("2a52", "0103010800")]


def meter(_characteristic: str, frame: str) -> list[tuple[str, str]]:
    """A TaiDoc meter with two records."""
    if bytes.fromhex(frame)[1] != taidoc.COUNT:
        return []
    answer = bytes.fromhex("512b02000000a5")
    return [(taidoc_session.FRAMES, (answer + bytes((sum(answer) & 0xFF,))).hex())]


def test_a_taidoc_meter_is_asked_for_each_of_its_records() -> None:
    written, _dialogue = play(profile("taidoc").handshake, meter)
    assert [bytes.fromhex(frame)[1] for _to, frame in written] == [0x2B, 0x25, 0x26, 0x25, 0x26, 0x50]
    assert all(bytes.fromhex(frame)[1] != 0x52 for _to, frame in written)


def test_a_session_of_a_meter_ends_with_the_answer_to_its_procedure() -> None:
    closing = profile("standard_glucose_meter").session_end.closing
    assert closing is not None
    assert closing("2a52", bytes.fromhex("06000101"))
    assert closing("2a52", bytes.fromhex("06000106"))
    assert not closing("2a52", bytes.fromhex("05000200"))
    assert not closing("2a18", bytes.fromhex("06000101"))
