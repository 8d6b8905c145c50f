"""One nurse's open page, as cheap as can be: fifty of them must not be what is measured."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit


class Page:
    """Two connections, as a browser keeps them: one hears the live events, one asks.

    A general HTTP client takes more processor time for a request than the server does for its answer, and
    fifty real browsers would each bring a processor of their own. This one knows only what our server sends.
    """

    def __init__(self, url: str, cookies: Mapping[str, str]) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname, place.port
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self._head = (
            f"host: {place.netloc}\r\ncookie: {cookie}\r\nx-csrftoken: {cookies['hearthward_csrf']}\r\n"
            "content-type: application/json\r\naccept-encoding: gzip\r\n"
        ).encode()
        self._asking: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def events(self) -> AsyncIterator[bytes]:
        """The data of each live event, as JSON, from the first heartbeat on."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            writer.write(b"GET /events HTTP/1.1\r\n" + self._head + b"\r\n")
            async for line in reader:
                if line.startswith(b"data: "):
                    yield line[6:]
        finally:
            writer.close()

    async def post(self, path: str, body: bytes) -> bytes:
        """The answer to it, unpacked. Raises ConnectionError where it is not 200."""
        if self._asking is None:
            self._asking = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._asking
        size = f"POST {path} HTTP/1.1\r\ncontent-length: {len(body)}\r\n".encode()
        writer.write(size + self._head + b"\r\n" + body)
        status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        answer = await reader.readexactly(int(headers["content-length"]))
        if " 200 " not in status:
            raise ConnectionError(f"{path}: {status}")
        return gzip.decompress(answer) if headers.get("content-encoding") == "gzip" else answer

    def close(self) -> None:
        """End the connection that asks; the other ends with its iterator."""
        if self._asking is not None:
            self._asking[1].close()
