"""Real servers that the hub's messages reach: an SMTP server and an HTTP receiver, on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from hub.broker import free_port


@dataclass
class MailServer:
    """What an SMTP server has taken, oldest first."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return "250 taken"

    def parsed(self, number: int) -> Message:
        return message_from_bytes(self.mails[number])


@contextmanager
def mail_server() -> Iterator[MailServer]:
    taken = MailServer(port=free_port())
    controller = Controller(taken, hostname="127.0.0.1", port=taken.port)
    controller.start()
    try:
        yield taken
    finally:
        controller.stop()


@dataclass
class Post:
    """One POST as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class HookReceiver:
    """What an HTTP receiver has got. `answer` says what the n-th POST is answered with; 0: nothing at all.

    `says` is the body of each answer.
    """

    port: int = 0
    posts: list[Post] = field(default_factory=list)
    answer: Callable[[int], int] = lambda _number: 200
    says: bytes = b""
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def keys(self) -> list[str]:
        return [post.headers["idempotency-key"] for post in self.posts]


@contextmanager
def hook_receiver(answer: Callable[[int], int] = lambda _number: 200) -> Iterator[HookReceiver]:
    """`answer` 0 closes the connection without a word; -1 holds it until `released` is set."""
    receiver = HookReceiver(answer=answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.posts.append(Post(self.path, headers, body))
                status = receiver.answer(len(receiver.posts))
            if status < 0:
                receiver.released.wait(20)
            if status > 0:
                self.send_response(status)
                self.send_header("Content-Length", str(len(receiver.says)))
                self.end_headers()
                self.wfile.write(receiver.says)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
