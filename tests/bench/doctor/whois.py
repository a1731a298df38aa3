"""What naming the service tags of 10,000 addresses costs, against reading the file that they are in.

``python -m tests.bench.doctor.whois`` runs it alone.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from registry_doctor import service_tags
from registry_doctor.limits import most_bytes

from tests.bench.doctor import tag_file
from tests.bench.pairs import Measure, paired, seconds

COUNT = 10_000


def measures(folder: Path) -> Iterator[Measure]:
    file = tag_file.write(folder / "ServiceTags_Public_20260105.json")
    addresses = tag_file.addresses(COUNT)
    index = service_tags.load_default(file, most_bytes(None))
    assert index is not None
    size = f"{index.prefixes:,} prefixes, {file.stat().st_size / 1e6:.0f} MB"

    def answer() -> object:
        return service_tags.answer(index, addresses, json_=False)

    def whole() -> object:
        return service_tags.answer(service_tags.load_default(file, most_bytes(None)), addresses, json_=False)

    yield paired(
        "whois",
        lambda: seconds(answer),
        lambda: seconds(lambda: service_tags.load_default(file, most_bytes(None))),
        goal="about 1",
        note=f"answering {COUNT:,} addresses / reading the file they are looked up in ({size})",
    )
    yield paired(
        "whois, file and all",
        lambda: seconds(whole),
        lambda: seconds(lambda: json.loads(file.read_bytes())),
        goal="none set",
        note="reading, indexing and answering / json.loads alone",
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for measure in measures(Path(name)):
            print(measure.line())
