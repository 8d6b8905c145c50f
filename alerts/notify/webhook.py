"""The signed webhook: a POST that another program can trust and can tell from its repetition."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

import httpx

from alerts.notify.channels import Failure, Letter, WebhookSpec, filled

KEY_HEADER = "Idempotency-Key"
TIME_HEADER = "Hearthward-Timestamp"
SIGNATURE_HEADER = "Hearthward-Signature"
_RETRYABLE = frozenset({408, 409, 425, 429})


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 (RFC 2104) of timestamp, a dot and the body, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class Webhook:
    """One webhook of the channels file."""

    def __init__(self, spec: WebhookSpec, clock: Callable[[], datetime]) -> None:
        self._spec = spec
        self._clock = clock
        # A redirect would carry a signed message to somebody who was not configured.
        self._client = httpx.Client(timeout=spec.timeout_seconds, follow_redirects=False)

    def send(self, letter: Letter) -> Failure | None:
        """POST it; any 2xx is success. The timestamp is each attempt's own, the key the letter's."""
        body = json.dumps(
            {
                "type": "alert" if letter.alert_id is not None else "patient",
                "key": letter.key,
                "alert_id": letter.alert_id,
                "reason": letter.reason,
                "subject": letter.subject,
                "text": letter.body,
                "made_at": letter.made_at,
                "to": letter.address,
            },
            separators=(",", ":"),
        ).encode()
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            KEY_HEADER: letter.key,
            TIME_HEADER: timestamp,
            SIGNATURE_HEADER: signature(self._spec.secret, timestamp, body),
        }
        try:
            url = filled(self._spec.url, letter.address)
            # Its first line is all that is asked for: what else it says may be long, or never end.
            with self._client.stream("POST", url, content=body, headers=headers) as answer:
                pass
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Failure(why=type(error).__name__)  # its text may quote the URL, and so an address
        if answer.is_success:
            return None
        final = answer.status_code < 500 and answer.status_code not in _RETRYABLE
        return Failure(why=f"answered {answer.status_code}", final=final)

    def address_mistake(self, address: str) -> str | None:
        """An address only goes into the URL and the body: any will do."""
        return None if address.strip() else "is empty"
