"""What the palette takes from a letter to the answer."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.report import Figure
from benchmarks.site import Site
from data.queries.machine import get_machine
from data.queries.machines import find_machines
from data.results import AttentionLimits
from data.scope import Scope
from layouts.shared.palette import PATH

ROUNDS = 15
TARGET_MS = 100
_MISS = "no machine is called so"


def measure_palette(site: Site) -> Iterator[Figure]:
    """Texts of every kind, each the fastest of many rounds; and the first one of all, which reads the places."""
    texts = _texts(site)
    first = []
    for _ in range(3):
        site.forget()
        first.append(_ask(site, texts["a name"]))
    for what, text in texts.items():
        least = min(_ask(site, text) for _ in range(ROUNDS))
        yield Figure(f"palette, {what}", least, "ms", TARGET_MS)
    yield Figure("palette, the first answer after an import", min(first), "ms")
    yield Figure("palette, statements of an answer", site.get(PATH, {"q": texts["a name"]}).statements, "", 3)


def _ask(site: Site, text: str) -> float:
    return 1000 * site.get(PATH, {"q": text}).seconds


def _texts(site: Site) -> dict[str, str]:
    """What is typed, taken from a machine in the middle of the estate."""
    options = {"limits": AttentionLimits(), "columns": ["name", "vm_uuid", "host", "primary_ip_address"]}
    row = site.read(find_machines, Scope(), **options, start=5000, stop=5001).iloc[0]
    adapters = site.read(get_machine, Scope(), machine_id=int(row["machine_id"])).adapters
    return {
        "a name": row["name"],
        "three letters": row["name"][:3],
        "one letter": row["name"][0],
        "an IP address": row["primary_ip_address"],
        "a host": row["host"],
        "a UUID": row["vm_uuid"],
        "a part of a UUID": row["vm_uuid"][:8],
        "a MAC address": adapters[0].mac_address,
        "nothing": _MISS,
    }
