"""Second offers: smaller base images, by estimate."""

import pytest

from tests.support.rewrite_world import GO, GO_FILES, make_candidate
from tests.unit.rewrite.test_ecosystems import NODE, NODE_FILES

RUN = 'CMD ["/app"]\n'
DYNAMIC = GO_FILES.replace("= ELF go", "= ELF go libc.so.6")
LIBC = "deb libc6 13MB base basic brings usr/lib/libc.so.6 lib/ld.so\n"
CXX = "deb libstdc++6 2MB base needs libc6 brings usr/lib/libstdc++.so.6\n"
PQ = "deb libpq5 1MB base needs libc6 brings usr/lib/libpq.so.5\n"


def find_offer(files: str, text: str = GO + RUN) -> str:
    """Return the sentence of the second offer; empty if there is none."""
    message = make_candidate(text, files).message
    _, separator, offer = message.partition("A second offer, estimated and not built: ")
    return offer if separator else ""


def test_a_static_program_runs_on_nothing() -> None:
    offer = find_offer(GO_FILES)
    assert offer.startswith("on gcr.io/distroless/static-debian12 it would have about 11.0 MB; ")
    assert "no shell" in offer


@pytest.mark.parametrize(
    ("files", "image"),
    [
        (DYNAMIC + LIBC, "base-debian12"),
        (DYNAMIC.replace("libc.so.6", "libc.so.6 libstdc++.so.6") + LIBC + CXX, "cc-debian12"),
    ],
)
def test_a_program_that_loads_glibc(files: str, image: str) -> None:
    assert find_offer(files).startswith(f"on gcr.io/distroless/{image} ")


@pytest.mark.parametrize(
    ("files", "text"),
    [
        (DYNAMIC.replace("libc.so.6", "libc.so.6 libpq.so.5") + LIBC + PQ, GO + RUN),
        (DYNAMIC.replace("libc.so.6", "libc.so.6 libgone.so.1") + LIBC, GO + RUN),
        ("release debian 13 trixie\n" + DYNAMIC + LIBC, GO + RUN),
        (GO_FILES, GO + "CMD /app $PORT\n"),
        (GO_FILES.replace("ELF go", "ELF go os.StartProcess"), GO + RUN),
        (GO_FILES, GO + "HEALTHCHECK CMD /app -check\n" + RUN),
        (GO_FILES + "user app 7:7 /a /b\n", GO.replace("RUN ", "RUN useradd app && ") + RUN),
        (GO_FILES + "src/big.dat 900MB @3\n", GO + RUN),
    ],
)
def test_programs_that_need_more(files: str, text: str) -> None:
    assert find_offer(files, text) == ""


def test_a_front_end_could_be_served_by_nginx() -> None:
    text = NODE.replace("COPY", "RUN npm install -g serve\nCOPY") + 'CMD ["serve", "dist"]\n'
    files = NODE_FILES.replace("@4", "@5").replace("@3", "@4") + (
        "usr/local/lib/node_modules/serve/build/main.js 20kB @3 755 = #!/usr/bin/env node\n"
        "usr/local/bin/serve -> ../lib/node_modules/serve/build/main.js @3\n"
        "app/dist/index.html 1kB @5\nground node:20-slim 250MB\n"
    )
    offer = find_offer(files, text)
    assert offer.startswith("on nginx:alpine it would have about 50.0 MB; ")
    assert "nginx serves /app/dist on port 3000" in offer
    own_options = find_offer(files, text.replace('serve", "dist', 'serve", "--cors", "dist'))
    assert "it serves on port 80" in own_options
