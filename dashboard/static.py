"""Scripts, styles and fonts: compressed once, kept in memory, served as things that never change."""

import gzip
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dash.fingerprint import check_fingerprint
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.desk import Desk

ASSETS = Path(__file__).parent / "assets"
_SUITES = "/app/_dash-component-suites/"
_FOREVER = "public, max-age=31536000, immutable"
_ALREADY_SMALL = frozenset({".woff2", ".png", ".ico"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    media_type: str
    plain: bytes
    gzipped: bytes | None


def _load(path: Path) -> _File:
    plain = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    small = path.suffix in _ALREADY_SMALL or len(plain) < 1000
    return _File(media_type=media_type, plain=plain, gzipped=None if small else gzip.compress(plain, 7))


class StaticFiles:
    """ASGI: answers the paths of files that it knows, and passes everything else on.

    Dash would read each file again for every request and compress it on the event loop. Only files that
    exist in the assets folder or that Dash registered are ever read, so what is kept is bounded.
    """

    def __init__(self, app: ASGIApp, desk: Desk, registered: dict[str, Iterable[str]]) -> None:
        self._app = app
        self._desk = desk
        self._loaded: dict[str, _File] = {}
        self._paths = {f"/app/assets/{file.name}": file for file in ASSETS.iterdir()}
        self._paths |= {f"/static/{file.name}": file for file in ASSETS.iterdir()}
        for package, names in registered.items():
            spec = find_spec(package)
            if spec is not None and spec.origin is not None:
                folder = Path(spec.origin).parent
                self._paths |= {f"{_SUITES}{package}/{name}": folder / name for name in names}

    def warm(self) -> None:
        """Compress what the first page needs, before anybody asks for it."""
        for path in self._paths:
            if path.endswith((".css", "plotly.min.js")) or "/dashboard/" in path:
                self._file(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a known file to GET; everything else goes on."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith((_SUITES, "/app/assets/", "/static/")):
            await self._app(scope, receive, send)
            return
        plain_path, _ = check_fingerprint(path)
        if plain_path not in self._paths:
            await Response("There is nothing here.", status_code=404)(scope, receive, send)
            return
        file = self._loaded.get(plain_path) or await self._desk.compute(lambda: self._file(plain_path))
        await _answer(file, Headers(scope=scope), bool(scope["query_string"]) or path != plain_path)(
            scope, receive, send
        )

    def _file(self, path: str) -> _File:
        if path not in self._loaded:
            self._loaded[path] = _load(self._paths[path])
        return self._loaded[path]


def _answer(file: _File, headers: Headers, versioned: bool) -> Response:
    gzipped = file.gzipped if "gzip" in headers.get("accept-encoding", "") else None
    response = Response(file.plain if gzipped is None else gzipped, media_type=file.media_type)
    response.headers["cache-control"] = _FOREVER if versioned else "public, max-age=3600"
    response.headers["vary"] = "accept-encoding"
    if gzipped is not None:
        response.headers["content-encoding"] = "gzip"
    return response
