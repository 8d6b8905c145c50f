"""What is taken out of a recording before anybody keeps it: everything that says whose device it was."""

import re
from dataclasses import dataclass

# A serial number or an address at the end of a name: six hexadecimal digits or more, at most the twelve of an
# address, so that the model before them stays.
_TAIL = re.compile(r"(?<![A-Za-z])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{6,12}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Zeros in place of one device's address, wherever and however it is written."""

    address: str

    def data(self, data: bytes) -> bytes:
        """The bytes without the address, in either order; as long as before."""
        own = bytes.fromhex(self.address.replace(":", ""))
        for spelling in (own, own[::-1]):
            data = data.replace(spelling, bytes(len(own)))
        return data

    def name(self, name: str | None) -> str | None:
        """The advertised name without address or serial number; as long as before."""
        if name is None:
            return None
        plain = self.address.replace(":", "")
        for spelling in (self.address, plain, self.address.replace(":", "-")):
            name = re.sub(re.escape(spelling), "0" * len(spelling), name, flags=re.IGNORECASE)
        return _TAIL.sub(lambda found: "0" * len(found[0]), name)
