"""The dashboard's own rules: callbacks never block, SQL stays in the store, nothing comes from elsewhere."""

import inspect
import re
from pathlib import Path

from fastapi import FastAPI

import dashboard
from dashboard.pages.app import dash_app
from tests.unit.dashboard.desks import unplugged_desk

FOLDER = Path(dashboard.__file__).parent


def test_every_callback_is_a_coroutine_because_a_plain_one_would_block_everybody() -> None:
    app = dash_app(FastAPI(), unplugged_desk())
    served = {name: callback for name, callback in app.callback_map.items() if "callback" in callback}
    # The list's runs in the page, which asks /api/worklist.
    assert set(app.callback_map) - set(served) == {"worklist.data"}
    assert len(served) >= 3
    for name, callback in served.items():
        assert inspect.iscoroutinefunction(inspect.unwrap(callback["callback"])), name


def test_there_is_no_sql_in_the_dashboard() -> None:
    verbs = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b.*\b(FROM|SET|VALUES|WHERE)\b")
    for file in FOLDER.rglob("*.py"):
        assert not verbs.search(file.read_text()), file
        assert "psycopg" not in file.read_text(), file


def test_no_script_or_style_names_another_host() -> None:
    for file in [*FOLDER.rglob("*.js"), *FOLDER.rglob("*.css"), *FOLDER.rglob("*.html")]:
        text = file.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z0-9-]+\.[a-z]{2,}", text), file


def test_no_script_makes_code_or_markup_out_of_text() -> None:
    for file in FOLDER.rglob("*.js"):
        text = file.read_text()
        assert not re.search(
            r"\beval\(|new Function|innerHTML|dangerouslySetInnerHTML|document\.write", text
        ), file


def test_every_static_file_is_of_a_reasonable_size() -> None:
    for file in [*FOLDER.rglob("*.js"), *FOLDER.rglob("*.css")]:
        assert len(file.read_text().splitlines()) <= 400, file
