"""Random layers over a few paths, so that they overlap, as Hypothesis strategies."""

from collections.abc import Iterator

from hypothesis import strategies as st

from bot.image.layers.layer_index import index_layer
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm

NAMES = st.sampled_from(["a", "b", "__pycache__", "lib", "x.py", "x.pyc", "node_modules"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
FOLDERS = st.just("") | PATHS.map(lambda path: f"{path}/")
WHITEOUTS = st.builds(
    "{}{}".format,
    FOLDERS,
    st.sampled_from([".wh.a", ".wh.b", ".wh.lib", ".wh.x.py", ".wh..wh..opq"]),
)
LINKS = PATHS | PATHS.map(lambda path: f"/{path}") | PATHS.map(lambda path: f"../{path}")
ENTRIES = (
    st.builds(
        Entry,
        PATHS,
        st.just(EntryKind.FILE),
        st.integers(0, 1000),
        content_hash=st.sampled_from("xy"),
    )
    | st.builds(Entry, WHITEOUTS, st.just(EntryKind.FILE), st.just(0))
    | st.builds(
        Entry,
        PATHS,
        st.just(EntryKind.DIRECTORY),
        st.just(0),
        st.sampled_from([0o755, 0o700]),
    )
    | st.builds(Entry, PATHS, st.just(EntryKind.SYMLINK), st.just(0), link=LINKS)
    | st.builds(Entry, PATHS, st.just(EntryKind.HARDLINK), st.just(0), link=PATHS)
    | st.builds(Entry, PATHS, st.just(EntryKind.OTHER), st.just(0))
)
PACKAGES = st.builds(
    Package,
    st.sampled_from(["deb", "apk", "rpm", "pypi", "npm", "gem", "jar", "go", "rust", "other"]),
    st.sampled_from("pq"),
    st.sampled_from(["1", "2", None]),
    st.lists(PATHS, max_size=3).map(tuple),
    st.lists(PATHS, max_size=2).map(tuple),
    st.dictionaries(PATHS, st.integers(-5, 2000), max_size=2),
)
LAYERS = st.builds(
    index_layer,
    st.just(""),
    st.lists(ENTRIES, max_size=12).map(tuple),
    st.just(HashAlgorithm.SHA256),
    packages=st.lists(PACKAGES, max_size=6).map(tuple),
)


class CountedEntries(tuple[Entry, ...]):
    """The entries of a layer, with the number of times that all of them were read."""

    readings = 0

    def __iter__(self) -> Iterator[Entry]:
        self.readings += 1
        return super().__iter__()
