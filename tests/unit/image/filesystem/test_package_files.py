"""Which files the system's packages own, under the paths of the tree."""

from bot.image.filesystem.package_files import installed
from bot.image.filesystem.paths import Paths
from bot.model.files import Entry, Kind
from tests.support.image_files import ImageFiles


def test_debians_and_alpines_packages() -> None:
    files = {
        "var/lib/dpkg/status": b"Package: bash\nVersion: 5\n",
        "var/lib/dpkg/info/bash.list": b"/.\n/bin\n/bin/bash\n/usr/share/bash\n",
        "lib/apk/db/installed": b"P:musl\nV:1\nF:lib\nR:ld-musl.so\n\n",
        "usr/bin/bash": b"",
    }
    entries = [Entry(path, Kind.FILE, 1) for path in files]
    entries.append(Entry("bin", Kind.SYMLINK, 0, link="usr/bin"))
    found = installed(ImageFiles(files).below, Paths({x.path: x for x in entries}), entries)
    assert found["usr/bin/bash"] == "bash"
    assert found["lib/ld-musl.so"] == "musl"
    assert found["var/lib/dpkg/info/bash.list"] == "bash"
    assert "bin/bash" not in found
