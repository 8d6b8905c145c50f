"""/api/worklist: the list as our own page asks for it, built once for all who ask the same at one moment."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dashboard.api.answers import json_answer
from dashboard.desk import Desk, signed_in
from dashboard.shared_reads import SharedReads
from dashboard.views.worklist import asked_from, worklist_props
from dashboard.words import LANGUAGE
from store.worklist import Asked, Show, Worklist, worklist

_GZIP_LEVEL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """An answer as bytes, plain and compressed: made once, sent to many."""

    plain: bytes
    gzipped: bytes


def worklist_routes(desk: Desk) -> APIRouter:
    """The route /api/worklist: POST, since what is searched for is a name and belongs in no address.

    A plain route: for fifty nurses at once FastAPI's look at the arguments would cost more than the answer.
    """
    router = APIRouter()
    shared = SharedReads()

    async def listed(request: Request) -> Response:
        """One page of the list; what is absent from a row is no. Who asks is in none of it."""
        query = _query(await request.body())
        if query is None:
            return json_answer({"error": "The body must be a JSON object: what is asked of the list."}, 422)
        asked = _of_everybody(asked_from(query, signed_in()))
        ready = await shared.read((asked, LANGUAGE.get()), lambda: _build(desk, asked))
        return _answer(ready, request)

    router.add_route("/api/worklist", listed, methods=["POST"])
    return router


def _query(body: bytes) -> Mapping[str, object] | None:
    try:
        query = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return cast("Mapping[str, object]", query) if isinstance(query, dict) else None


def _of_everybody(asked: Asked) -> Asked:
    """The question without who asks, unless the answer depends on it. The ward always stays in it."""
    return asked if asked.show is Show.MINE else replace(asked, staff_id=None)


async def _build(desk: Desk, asked: Asked) -> Ready:
    """The answer, from a read that begins now. Its language is that of all who share it, as in their key."""
    now = desk.clock()
    return await desk.ask(
        lambda connection: worklist(connection, asked, now), lambda found: _encoded(found, asked, now)
    )


def _encoded(found: Worklist, asked: Asked, now: datetime) -> Ready:
    plain = orjson.dumps(worklist_props(found, asked, me=None, now=now, short=True))
    return Ready(plain=plain, gzipped=gzip.compress(plain, _GZIP_LEVEL, mtime=0))


def _answer(ready: Ready, request: Request) -> Response:
    headers = {"vary": "accept-encoding"}
    # Without its own encoding an answer is compressed again for every nurse, on the event loop.
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(ready.plain, headers=headers, media_type="application/json")
    headers["content-encoding"] = "gzip"
    return Response(ready.gzipped, headers=headers, media_type="application/json")
