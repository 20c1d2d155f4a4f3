"""The instructions that copy, as odd as names, owners and modes may be."""

import pytest

from tests.support.rewrite_world import GO
from tests.unit.rewrite.test_dockerfile_writer import list_last_stage

RUN = 'CMD ["/app"]\n'


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("srv/a b", 'COPY --from=build ["/srv/a b", "/srv/"]'),
        ("srv/[id].js", 'COPY --from=build ["/srv/[[]id].js", "/srv/"]'),
        ("srv/[id]/x", 'COPY --from=build ["/srv/[[]id]/x", "/srv/[id]/"]'),
        ("srv/Shop$1.class", 'COPY --from=build ["/srv/Shop\\\\$1.class", "/srv/"]'),
        ('srv/a"b', 'COPY --from=build ["/srv/a\\"b", "/srv/"]'),
        ("srv/a'b", 'COPY --from=build ["/srv/a\'b", "/srv/"]'),
        ("srv/é", "COPY --from=build /srv/é /srv/"),
    ],
)
def test_names_that_need_quotes_or_escapes(path: str, line: str) -> None:
    assert line in list_last_stage(GO + RUN, f"{path} 1kB @4\n")


def test_owners_and_modes_of_folders() -> None:
    own = "opt/x/a 1kB @4 ~7:7\nopt/x/b 1kB @4 ~7:7\nopt/x/ @4 750 ~7:7\n"
    lines = list_last_stage(GO + RUN, own)
    assert "COPY --from=build --chown=7:7 /opt/x /opt/x" in lines
    assert "chmod 750 /opt/x" in "\n".join(lines)
    mixed = list_last_stage(GO + RUN, own.replace("b 1kB @4 ~7:7", "b 1kB @4"))
    assert "COPY --from=build /opt/x /opt/x" in mixed
    assert "RUN chown 7:7 /opt/x \\\n    && chmod 750 /opt/x" in "\n".join(mixed)


def test_links_are_created_and_the_loaders_cache_is_written() -> None:
    lines = list_last_stage(
        GO + RUN, "usr/local/bin/x -> /app @4\nusr/local/lib/libx.so.1 1kB @4\n"
    )
    assert "RUN ln -sf /app /usr/local/bin/x" in lines
    assert "RUN ldconfig" in lines


def test_a_folder_of_ld_so_conf() -> None:
    own = "etc/ld.so.conf.d/x.conf 1kB @4\nusr/local/lib/x/libx.so.1 1kB @4\n"
    assert "RUN ldconfig" in list_last_stage(GO + RUN, own)
