"""How a profile knows its devices by what they advertise: what must be there, and what must not."""

import re
from dataclasses import dataclass

from device_profiles.advertisement import Advertisement
from device_profiles.uuids import full_uuid


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One set of marks: of each kind that is given, the advertisement must bear at least one.

    `names` are regular expressions for the whole local name, `services` and `service_data` UUIDs in any
    spelling. `company_data` are regular expressions for the hexadecimal of the manufacturer data, its company
    id in front as two bytes, low byte first; `service_bytes` the same for service data, without the UUID.
    """

    names: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    service_data: tuple[str, ...] = ()
    companies: tuple[int, ...] = ()
    company_data: tuple[str, ...] = ()
    service_bytes: tuple[str, ...] = ()

    def seen_in(self, advertisement: Advertisement) -> bool:
        """Whether the advertisement bears the marks; a sign without marks is in none."""
        checks = (
            (self.names, self._named(advertisement)),
            (self.services, self._any(self.services, advertisement.service_uuids)),
            (self.service_data, self._any(self.service_data, frozenset(advertisement.service_data))),
            (self.companies, any(company in advertisement.manufacturer_data for company in self.companies)),
            (self.company_data, self._company_data(advertisement)),
            (self.service_bytes, self._service_bytes(advertisement)),
        )
        asked = [found for wanted, found in checks if wanted]
        return bool(asked) and all(asked)

    def _named(self, advertisement: Advertisement) -> bool:
        name = advertisement.local_name
        return name is not None and any(re.fullmatch(pattern, name) for pattern in self.names)

    def _company_data(self, advertisement: Advertisement) -> bool:
        texts = [
            (company.to_bytes(2, "little") + data).hex()
            for company, data in advertisement.manufacturer_data.items()
            if 0 <= company <= 0xFFFF
        ]
        return any(re.fullmatch(pattern, text) for pattern in self.company_data for text in texts)

    def _service_bytes(self, advertisement: Advertisement) -> bool:
        wanted = [full_uuid(uuid) for uuid in self.service_data]
        texts = [
            data.hex() for uuid, data in advertisement.service_data.items() if not wanted or uuid in wanted
        ]
        return any(re.fullmatch(pattern, text) for pattern in self.service_bytes for text in texts)

    @staticmethod
    def _any(wanted: tuple[str, ...], there: frozenset[str]) -> bool:
        return any(full_uuid(uuid) in there for uuid in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """An advertisement is a profile's where one sign of `any_of` is seen and none of `none_of`.

    Of several profiles that recognise one, the highest `priority` has it: a model goes before its family, a
    family before its standard.
    """

    any_of: tuple[Sign, ...]
    none_of: tuple[Sign, ...] = ()
    priority: int = 0

    def claims(self, advertisement: Advertisement) -> bool:
        """Whether the advertisement could be this profile's."""
        if any(sign.seen_in(advertisement) for sign in self.none_of):
            return False
        return any(sign.seen_in(advertisement) for sign in self.any_of)
