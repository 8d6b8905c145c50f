"""Who gets in: nobody without a session, nothing from a stranger's page, no path that is not in the table."""

import httpx
import pytest

from tests.harness.desk import PASSWORD, SARA, STRANGER, TOM, Dashboard
from vitals.ids import PatientId

_HTML = {"accept": "text/html"}
_DASH = "/app/_dash-update-component"
_AGE = "UPDATE sessions SET seen_at = seen_at - make_interval(mins => %(minutes)s) WHERE staff_id = 's-tom'"


def test_a_page_without_a_session_leads_to_the_sign_in_and_back(dashboard: Dashboard) -> None:
    answer = httpx.get(f"{dashboard.url}/app/alerts/7", headers=_HTML)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/app/alerts/7"


@pytest.mark.parametrize("path", ["/events", "/api/alerts", "/app/_dash-layout", "/app/assets/live.js"])
def test_without_a_session_everything_else_is_401(dashboard: Dashboard, path: str) -> None:
    assert httpx.get(dashboard.url + path).status_code == 401


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/typo", "/app/typo", "/docs", "/app/_dash-ws-callback", "/app/x/../y"]
)
def test_a_path_that_is_not_in_the_table_does_not_exist(sara: httpx.Client, path: str) -> None:
    assert sara.get(path).status_code == 404


def test_a_known_path_with_another_method_is_405(sara: httpx.Client) -> None:
    assert sara.delete("/api/alerts").status_code == 405


def test_health_and_the_sign_in_page_need_no_session(dashboard: Dashboard) -> None:
    assert httpx.get(f"{dashboard.url}/healthz").json() == {"database": "ok"}
    assert "Sign in" in httpx.get(f"{dashboard.url}/sign-in").text


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(dashboard: Dashboard) -> None:
    said = [
        httpx.post(f"{dashboard.url}/sign-in", data={"email": email, "password": "wrong"})
        for email in (STRANGER.email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in said] == [401, 401]
    assert said[0].text.replace(STRANGER.email, "") == said[1].text.replace("nobody@example.org", "")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_only_its_hash_is_stored(
    dashboard: Dashboard,
) -> None:
    answer = httpx.post(f"{dashboard.url}/sign-in", data={"email": SARA.email, "password": PASSWORD})
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("hearthward_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = cookie.split("=", 1)[1].split(";")[0]
    stored = b"".join(bytes(row[0]) for row in dashboard.rows("SELECT token_sha256 FROM sessions"))  # type: ignore[arg-type]
    assert token.encode() not in stored


def test_after_signing_in_one_is_only_led_to_our_own_pages(dashboard: Dashboard) -> None:
    form = {"email": SARA.email, "password": PASSWORD, "next": "https://evil.example/app/"}
    assert httpx.post(f"{dashboard.url}/sign-in", data=form).headers["location"] == "/app/alerts"
    form["next"] = "//evil.example"
    assert httpx.post(f"{dashboard.url}/sign-in", data=form).headers["location"] == "/app/alerts"


def test_signing_out_ends_the_session_at_once(dashboard: Dashboard) -> None:
    with dashboard.sign_in() as client:
        cookies = dict(client.cookies)
        assert client.get("/api/alerts").status_code == 200
        assert client.post("/sign-out").status_code == 204
        assert httpx.get(f"{dashboard.url}/api/alerts", cookies=cookies).status_code == 401


def test_an_idle_session_ends_and_live_events_do_not_keep_it(dashboard: Dashboard) -> None:
    with dashboard.sign_in(TOM) as client, dashboard.database() as connection:
        connection.execute(_AGE, {"minutes": 14})
        assert client.post(_DASH, json={}).status_code != 401
        assert client.get("/api/presence").status_code == 200
        connection.execute(_AGE, {"minutes": 2})
        assert client.get("/api/alerts").status_code == 401


def test_what_a_person_does_keeps_the_session(dashboard: Dashboard) -> None:
    with dashboard.sign_in(TOM) as client, dashboard.database() as connection:
        for _ in range(3):
            connection.execute(_AGE, {"minutes": 14})
            assert client.post("/api/presence").status_code == 200
        assert client.get("/api/alerts").status_code == 200


def test_a_change_without_our_header_is_refused(dashboard: Dashboard, sara: httpx.Client) -> None:
    bare = httpx.Client(base_url=dashboard.url, cookies=dict(sara.cookies))
    with bare:
        assert bare.post("/api/presence").status_code == 403
        assert bare.post(_DASH, json={}).status_code == 403
        assert bare.post("/api/presence", headers={"x-csrftoken": "0" * 64}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_change_from_a_strangers_page_is_refused_even_with_our_header(
    sara: httpx.Client, headers: dict[str, str]
) -> None:
    assert sara.post("/api/presence", headers=headers).status_code == 403


def test_scripts_run_only_from_us_and_never_by_eval(sara: httpx.Client) -> None:
    policy = sara.get("/app/alerts", headers=_HTML).headers["content-security-policy"]
    parts = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert parts["default-src"] == ["'none'"]
    assert parts["script-src"][0] == "'self'"
    assert all(source.startswith("'sha256-") for source in parts["script-src"][1:])
    assert "unsafe-eval" not in policy
    assert parts["frame-ancestors"] == ["'none'"]


def test_scripts_are_compressed_once_and_kept_by_the_browser(sara: httpx.Client) -> None:
    page = sara.get("/app/alerts", headers=_HTML).text
    script = next(part for part in page.split('"') if "components/worklist" in part)
    answer = sara.get(script, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert sara.get("/app/_dash-component-suites/dashboard/settings.py").status_code == 404
    assert sara.get("/app/_dash-component-suites/dashboard/../pyproject.toml").status_code == 404


def test_another_wards_nurse_sees_and_reaches_nothing(dashboard: Dashboard) -> None:
    alert_id = dashboard.alerts[PatientId("p-dorothy")]
    with dashboard.sign_in(STRANGER) as client:
        assert client.get("/api/alerts").json()["rows"] == []
        assert client.get(f"/api/alerts/{alert_id}").status_code == 404
        assert client.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).status_code == 404


def test_too_many_wrong_passwords_make_one_account_wait(dashboard: Dashboard) -> None:
    form = {"email": "guessed@example.org", "password": "wrong"}
    answers = [httpx.post(f"{dashboard.url}/sign-in", data=form) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert "Try again in 15 min" in answers[-1].text


@pytest.mark.parametrize(
    ("accepts", "asked", "words"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "", "Correo"),
        ("fr-FR,fr;q=0.9", "", "E-mail"),
        ("es", "&language=en", "E-mail"),
        ("en", "&language=es", "Correo"),
        ("en", "&language=%3Cscript%3E", "E-mail"),
    ],
)
def test_the_sign_in_speaks_the_browsers_language_or_the_chosen_one(
    dashboard: Dashboard, accepts: str, asked: str, words: str
) -> None:
    with httpx.Client(base_url=dashboard.url, headers={"accept-language": accepts}) as client:
        page = client.get(f"/sign-in?next=/app/rules{asked}")
        assert f">{words}</label>" in page.text
        again = client.get("/sign-in", headers={"accept-language": "fr"})
        assert f">{words}</label>" in again.text, "it stays chosen"
