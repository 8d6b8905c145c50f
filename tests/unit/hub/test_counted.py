"""How far a command is: a line for each tenth in a pipe, a bar at a terminal."""

import io
import os

from hub.counted import counted


def test_a_pipe_gets_a_line_for_each_tenth_and_the_end() -> None:
    out = io.StringIO()
    with counted("Replaying", "patients", to=out) as told:
        for done in range(1, 251):
            told(done, 250)
    lines = out.getvalue().split("\n")
    assert lines[:3] == ["1 of 250 patients", "25 of 250 patients", "50 of 250 patients"]
    assert lines[-2:] == ["250 of 250 patients", ""]
    assert len(lines) == 12
    assert "\r" not in out.getvalue()


def test_few_steps_are_a_line_each_and_none_is_a_line_too() -> None:
    out = io.StringIO()
    with counted("Replaying", "patients", to=out) as told:
        told(1, 2)
        told(2, 2)
    with counted("Replaying", "patients", to=out) as told:
        told(0, 0)
    assert out.getvalue() == "1 of 2 patients\n2 of 2 patients\n0 of 0 patients\n"


def test_a_terminal_gets_a_bar_on_one_line() -> None:
    ours, theirs = os.openpty()
    with (
        os.fdopen(theirs, "w") as terminal,
        counted("Replaying", "patients", to=terminal) as told,
    ):
        for done in range(1, 5):
            told(done, 4)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "Replaying" in shown
    assert "100%" in shown
    assert "of 4 patients" not in shown
