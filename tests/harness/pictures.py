"""Pictures of pages, compared pixel by pixel with those that a person looked at."""

import json
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from tests.harness.processes import ROOT

GOLDEN = ROOT / "tests" / "e2e" / "pictures"
RESULTS = ROOT / "test-results" / "pictures"
_TAKEN_WITH = GOLDEN / "taken_with.json"

NEAR = 24
"""Of 255: how far a channel may be off before its pixel counts. Smoothed edges differ by less."""

FEW = 0.0002
"""The share of pixels that may differ: about two letters of a small text on a desk's screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How many pixels differ of how many, and where the pictures of it lie."""

    pixels: int
    of: int
    picture: Path

    @property
    def tolerable(self) -> bool:
        """Whether no person would see it."""
        return self.pixels <= self.of * FEW


def machine(chromium_version: str) -> dict[str, str]:
    """What the look of a page depends on besides the page: the browser, and the font behind our own."""
    font = subprocess.run(
        ["fc-match", "--format", "%{file}", "sans-serif"], capture_output=True, text=True, check=True
    ).stdout
    return {
        "chromium": chromium_version,
        "font": Path(font).name,
        "font_sha256": sha256(Path(font).read_bytes()).hexdigest()[:16],
    }


def why_not_comparable(chromium_version: str) -> str | None:
    """Why this machine's pictures cannot be compared with the golden ones; None where they can."""
    taken, here = json.loads(_TAKEN_WITH.read_text()), machine(chromium_version)
    other = [f"{name} {taken[name]} (here {here[name]})" for name in here if taken[name] != here[name]]
    if not other:
        return None
    return f"the pictures were taken with {', '.join(other)}: `make pictures` on main, then here, to compare"


def renew(name: str, png: bytes, chromium_version: str) -> None:
    """Make this the golden picture."""
    GOLDEN.mkdir(exist_ok=True)
    _image(png).save(GOLDEN / f"{name}.png", optimize=True)
    _TAKEN_WITH.write_text(json.dumps(machine(chromium_version), indent=2) + "\n")


def compare(name: str, png: bytes) -> Difference:
    """The picture beside the golden one; where they differ a picture of that is left in test-results/."""
    golden, seen = Image.open(GOLDEN / f"{name}.png").convert("RGB"), _image(png)
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}-difference.png"
    if golden.size != seen.size:
        seen.save(path)
        return Difference(
            pixels=max(golden.width * golden.height, seen.width * seen.height), of=1, picture=path
        )
    far = ImageChops.difference(golden, seen).point(lambda value: 255 if value > NEAR else 0)
    red, green, blue = far.split()
    differs = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    found = Difference(pixels=differs.histogram()[255], of=golden.width * golden.height, picture=path)
    if not found.tolerable:
        faint = Image.blend(golden, Image.new("RGB", golden.size, "white"), 0.6)
        faint.paste((220, 0, 60), mask=differs)
        faint.save(path)
        seen.save(RESULTS / f"{name}-seen.png")
    return found


def _image(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")
