"""Mail, push, SMS and chat through `apprise`, which knows the services."""

import logging

from apprise import Apprise, AppriseAsset, NotifyFormat

from alerts.notify.channels import AppriseSpec, Failure, Letter, filled

_TIMEOUT_S = 20.0

# Its own log writes addresses and URLs with passwords down.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False


class Messenger:
    """One apprise URL of the channels file."""

    def __init__(self, spec: AppriseSpec) -> None:
        self._url = spec.url
        # No pictures from elsewhere, no templates, and nothing kept on disk.
        self._asset = AppriseAsset(
            app_id="Hearthward",
            app_desc="Hearthward",
            app_url="",
            image_url_mask="",
            image_url_logo="",
            service_timeout=_TIMEOUT_S,
            secure_logging=True,
        )
        self.address_mistake("nobody@example.org")  # its many services are loaded now, not at the first alert

    def send(self, letter: Letter) -> Failure | None:
        """Hand it to the service. apprise says yes or no, and why only in its own log."""
        service = Apprise(asset=self._asset)
        if not service.add(filled(self._url, letter.address)):
            return Failure(why="not an address of this service", final=True)
        try:
            taken = service.notify(title=letter.subject, body=letter.body, body_format=NotifyFormat.TEXT)
        except Exception as error:  # noqa: BLE001  # a hundred services, each with errors of its own
            return Failure(why=type(error).__name__)
        return None if taken else Failure(why="the service did not take it")

    def address_mistake(self, address: str) -> str | None:
        """Whether apprise can read the URL with this address in it."""
        if not address.strip():
            return "is empty"
        readable = Apprise(asset=self._asset).add(filled(self._url, address))
        return None if readable else "is not an address of this service"
