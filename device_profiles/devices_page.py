"""docs/devices.md, written from the profiles and recordings: `python -m device_profiles.devices_page DIR`."""

import sys
from pathlib import Path

from device_profiles.capture import Capture, parse
from device_profiles.listing import page


def read_captures(directory: Path) -> dict[str, Capture]:
    """The recordings of a directory, by the name of their profile."""
    captures = [parse(path.read_bytes()) for path in sorted(directory.glob("*.json"))]
    return {capture.profile: capture for capture in captures}


if __name__ == "__main__":
    sys.stdout.write(page(read_captures(Path(sys.argv[1]))))
    sys.stdout.flush()
