"""How fast frames are decoded, and whether any bytes make a codec raise.

    python -m benchmarks.device_profiles [--frames N] [--fuzz N] [--seed S]

Prints standard blood pressure frames per second, through the codec and through the one entry point, beside a
field-by-field reading of the same frame with `struct`, in one run on one core; then feeds random and mutated
frames to every codec, and fails where one raises.
"""

import argparse
import random
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

from device_profiles import catalog
from device_profiles.devices_page import read_captures
from device_profiles.gatt import blood_pressure
from device_profiles.profile import Codec, Context
from device_profiles.refusal import Refusal
from device_profiles.standard_codecs import LAYOUTS, STANDARD

CUFF_FRAME = bytes.fromhex("1e780050005d00ea0709150a1e2d4800020100")
GOAL_PER_SECOND = 100_000
CAPTURES = Path(__file__).parents[1] / "tests" / "captures"
CONTEXT = Context(bind_key=bytes(16), address=bytes(6), read={"password": bytes(4)})


def per_second(act: Callable[[], object], times: int) -> float:
    """How often a second of this process's own time, the best of five runs: what else runs is left out."""
    best = 0.0
    for _run in range(5):
        began = time.process_time()
        for _time in range(times):
            act()
        best = max(best, times / (time.process_time() - began))
    return best


def by_struct(frame: bytes) -> tuple[float, ...]:
    """The same fields with nothing around them: no unit, no special values, no refusal."""
    head = struct.unpack_from("<BHHH", frame)
    time_of_day = struct.unpack_from("<HBBBBB", frame, 7)
    pulse, user, status = struct.unpack_from("<HBH", frame, 14)
    return (*head, *time_of_day, pulse, user, status)


def every_codec() -> list[Codec]:
    """All that the catalogue and the standard have."""
    codecs = list(STANDARD.values()) + [layout.codec for layout in LAYOUTS]
    for known in catalog.PROFILES:
        codecs += [channel.codec for channel in known.channels]
        codecs += [broadcast.codec for broadcast in known.broadcasts]
        codecs += [layout.codec for layout in known.layouts]
    return codecs


def mutated(frame: bytes, chance: random.Random) -> bytes:
    """A frame with a few bytes changed, cut off or added."""
    octets = bytearray(frame)
    for _change in range(chance.randrange(4)):
        if octets:
            octets[chance.randrange(len(octets))] = chance.randrange(256)
    if chance.random() < 0.3:
        del octets[chance.randrange(len(octets) + 1) :]
    if chance.random() < 0.2:
        octets += chance.randbytes(chance.randrange(8))
    return bytes(octets)


def fuzz(count: int, seed: int) -> tuple[float, int]:
    """Frames per second, and how many were understood. A codec that raises ends it with its frame."""
    chance = random.Random(seed)
    known = [
        bytes.fromhex(frame.hex) for capture in read_captures(CAPTURES).values() for frame in capture.frames
    ]
    codecs = every_codec()
    understood = 0
    began = time.perf_counter()
    for number in range(count):
        codec = codecs[number % len(codecs)]
        frame = (
            chance.randbytes(chance.randrange(40))
            if chance.random() < 0.3
            else mutated(chance.choice(known), chance)
        )
        try:
            decoded = codec(frame, CONTEXT)
            if not isinstance(decoded, Refusal):
                understood += 1
                decoded.fields()
                decoded.measurements()
        except Exception as error:
            raise SystemExit(f"codec {number % len(codecs)} raised {error!r} on {frame.hex()}") from error
    return count / (time.perf_counter() - began), understood


def main() -> None:
    """Measures and prints; exits with 1 below the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--fuzz", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    codec = per_second(lambda: blood_pressure.decode(CUFF_FRAME), asked.frames)
    entry = per_second(lambda: catalog.decode("2a35", CUFF_FRAME), asked.frames)
    bare = per_second(lambda: by_struct(CUFF_FRAME), asked.frames)
    print(f"blood pressure, codec:        {codec:>10,.0f} frames/s")
    print(f"blood pressure, entry point:  {entry:>10,.0f} frames/s  ({codec / entry:.1f} times slower)")
    print(f"bare struct, no checks:       {bare:>10,.0f} frames/s  ({bare / codec:.1f} times faster)")
    rate, understood = fuzz(asked.fuzz, asked.seed)
    codecs = len(every_codec())
    print(f"fuzz: {asked.fuzz:,} frames over {codecs} codecs, {understood:,} understood, none raised")
    print(f"fuzz: {rate:,.0f} frames/s with projection")
    if codec < GOAL_PER_SECOND:
        sys.exit(f"below the goal of {GOAL_PER_SECOND:,} frames/s")


if __name__ == "__main__":
    main()
