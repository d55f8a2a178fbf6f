"""What every measure gives, and on what machine it was taken."""

import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import msgspec

Figures: TypeAlias = dict[str, Any]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One measure: figures, the yardstick of the same run, their ratio, and what must be true."""

    name: str
    figures: Figures
    yardstick: Figures = {}
    ratio: float | None = None
    checks: dict[str, bool] = {}
    machine: dict[str, Any]
    at: datetime


def result(
    name: str,
    figures: Figures,
    *,
    yardstick: Figures | None = None,
    ratio: float | None = None,
    checks: dict[str, bool] | None = None,
) -> Result:
    """Put a measure together with the machine and the moment."""
    return Result(
        name=name,
        figures=figures,
        yardstick=yardstick or {},
        ratio=None if ratio is None else round(ratio, 3),
        checks=checks or {},
        machine=machine(),
        at=datetime.now(UTC).replace(microsecond=0),
    )


def machine() -> dict[str, Any]:
    """Describe the machine: processor, cores, memory, and the seconds a core needs for a plain loop of ten million."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**2,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "loop_seconds": round(loop_seconds(), 2),
    }


def loop_seconds() -> float:
    """Time `for i in range(10**7): s += i`: how fast this core is, for comparing figures of other machines."""
    started = time.process_time()
    s = 0
    for i in range(10**7):
        s += i
    return time.process_time() - started


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def percentile(times: list[float], share: float) -> float:
    """Give the time that a share of all stayed under, in the unit of the times."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def times_ms(seconds: list[float]) -> Figures:
    """Give the median and the 99th percentile in milliseconds."""
    return {"p50_ms": round(median(seconds) * 1000, 2), "p99_ms": round(percentile(seconds, 0.99) * 1000, 2)}


Measure: TypeAlias = Callable[..., Result]
