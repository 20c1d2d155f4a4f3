"""The rival: the same sizes by the standard library's tarfile, from an archive of `docker save`."""

import json
import sys
import tarfile

with tarfile.open(sys.argv[1]) as outer:
    (entry,) = json.load(outer.extractfile("manifest.json"))  # type: ignore[arg-type]
    for name in entry["Layers"]:
        with tarfile.open(fileobj=outer.extractfile(name), mode="r|") as layer:
            print(sum(member.size for member in layer if member.isreg()))
