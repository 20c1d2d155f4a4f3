"""The file of variables that a container gets."""

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.docker.variable_file import make_archive


@given(st.binary(max_size=99))
def test_the_archive_has_one_file_that_any_user_may_read(content: bytes) -> None:
    with tarfile.open(fileobj=io.BytesIO(make_archive(content))) as archive:
        (entry,) = archive.getmembers()
        file = archive.extractfile(entry)
        assert file is not None
        assert (entry.name, entry.mode, file.read()) == (".env", 0o644, content)


def test_a_script_of_a_service_is_executable() -> None:
    archive = make_archive(b"#!/bin/sh\n", "docker-entrypoint-initdb.d/init.sh", is_executable=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        (entry,) = members.getmembers()
        assert (entry.name, entry.mode) == ("docker-entrypoint-initdb.d/init.sh", 0o755)
