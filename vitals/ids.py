"""The ids: opaque, never derived from who a person is."""

from typing import NewType

PatientId = NewType("PatientId", str)
DeviceId = NewType("DeviceId", str)
GatewayId = NewType("GatewayId", str)
ReadingId = NewType("ReadingId", str)
AlertId = NewType("AlertId", int)
StaffId = NewType("StaffId", str)
