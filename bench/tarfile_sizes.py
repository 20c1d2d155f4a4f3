"""The rival: the same sizes by the standard library's tarfile, from an archive of `docker save`.

With `--seek` it passes over the contents, which it then does not see; else it reads all of them.
"""

import json
import sys
import tarfile

*options, path = sys.argv[1:]
mode = "r:" if "--seek" in options else "r|"
with tarfile.open(path) as outer:
    (entry,) = json.load(outer.extractfile("manifest.json"))  # type: ignore[arg-type]
    for name in entry["Layers"]:
        content = outer.extractfile(name)
        with tarfile.open(fileobj=content, mode=mode) as layer:  # type: ignore[call-overload]
            print(sum(member.size for member in layer if member.isreg()))
