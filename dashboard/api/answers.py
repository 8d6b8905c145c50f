"""How the API answers: JSON bytes, and a refusal with its status and its sentence."""

from datetime import datetime

import orjson
from fastapi.responses import Response

from dashboard.triage import NotDone, Why

_STATUS = {Why.UNKNOWN: 404, Why.MOVED: 409, Why.REFUSED: 422, Why.INCOMPLETE: 422}


def json_answer(data: object, status: int = 200) -> Response:
    """The data as JSON, encoded once."""
    return Response(orjson.dumps(data), status_code=status, media_type="application/json")


def refusal(refused: NotDone) -> Response:
    """Nothing was written, and why."""
    return json_answer({"error": refused.sentence, "why": refused.why}, _STATUS[refused.why])


def done_or(refused: NotDone | None, *, undo: str | None = None) -> Response:
    """A success, with the path that takes it back where there is one; or the refusal."""
    if refused is not None:
        return refusal(refused)
    return json_answer({"done": True} if undo is None else {"done": True, "undo": undo})


def instant(at: datetime | None) -> str | None:
    """An instant as ISO 8601; None stays None."""
    return None if at is None else at.isoformat()
