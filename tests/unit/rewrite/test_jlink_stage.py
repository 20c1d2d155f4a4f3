"""Java runtimes made by jlink: their stage, and JDKs that get none."""

import pytest

from bot.rewrite.second_offers import Offer
from tests.unit.rewrite.test_second_offers import list_offers

JAVA = (
    "FROM eclipse-temurin:21-jdk\nWORKDIR /app\nCOPY . .\nRUN javac -d . Main.java\n"
    'CMD ["java", "-cp", "/app", "Main"]\n'
)
HOME = "opt/java/openjdk"
FILES = f"""
    base 60MB JAVA_HOME=/{HOME} JAVA_VERSION=jdk-21.0.5 LANG=C.UTF-8 PATH=/{HOME}/bin:/usr/bin:/bin
    {HOME}/bin/java 1MB base 755 = ELF libc.so.6
    {HOME}/bin/javac 1MB base 755
    {HOME}/bin/jlink 1MB base 755
    {HOME}/release 1kB base = JAVA_VERSION="21.0.5"
    {HOME}/jmods/java.base.jmod 20MB base
    {HOME}/jmods/java.se.jmod 1kB base
    {HOME}/jmods/jdk.zipfs.jmod 1kB base
    {HOME}/lib/security/cacerts 200kB base
    {HOME}/lib/libawt_xawt.so 1MB base
    {HOME}/lib/libjawt.so 1MB base
    {HOME}/lib/libsplashscreen.so 1MB base
    deb libc6 13MB base basic brings usr/lib/libc.so.6 lib/ld.so
    app/Main.java 9kB @3
    app/Main.class 9kB @4
    ground eclipse-temurin:21-jre 290MB
    ground eclipse-temurin:11-jre 280MB
    ground debian:bookworm-slim 75MB libc6
"""


def render(files: str = FILES, text: str = JAVA) -> Offer | None:
    offers = list_offers(files, text)
    assert len(offers) <= 1
    return offers[0] if offers else None


def test_the_runtime_is_made_of_the_base_image_and_put_where_the_jdk_was() -> None:
    offer = render()
    assert offer
    assert offer.base_image == "debian:bookworm-slim"
    assert offer.last_stage == (
        "# A Java runtime with all modules of a JRE, without compiler, tools and debug data.\n"
        "FROM eclipse-temurin:21-jdk AS runtime\n"
        f"RUN /{HOME}/bin/jlink --strip-java-debug-attributes --no-man-pages"
        " --no-header-files \\\n"
        "    --compress=zip-6 --output /runtime --add-modules java.se,jdk.zipfs \\\n"
        f"    && cp -L /{HOME}/lib/security/cacerts /runtime/lib/security/cacerts\n"
        "\n"
        "# What runs: the tools and caches of the build stay in the stage above.\n"
        "FROM debian:bookworm-slim\n"
        f"ENV PATH=/{HOME}/bin:/usr/bin:/bin\n"
        f"ENV JAVA_HOME=/{HOME}\n"
        "ENV JAVA_VERSION=jdk-21.0.5\n"
        "ENV LANG=C.UTF-8\n"
        f"COPY --from=runtime /runtime /{HOME}\n"
        "WORKDIR /app\n"
        "COPY --from=build /app ./\n"
        'CMD ["java", "-cp", "/app", "Main"]\n'
    )


def test_older_versions_know_other_options() -> None:
    offer = render(FILES.replace('VERSION="21.0.5"', 'VERSION="11.0.2"'))
    assert offer
    assert "--strip-debug --no-man-pages" in offer.last_stage
    assert "--compress=2 " in offer.last_stage


def test_libraries_that_a_headless_jdk_lacks_are_left_out() -> None:
    lines = [x for x in FILES.splitlines() if "libawt_xawt" not in x and "libjawt" not in x]
    offer = render("\n".join(lines))
    assert offer
    assert "&& rm -f /runtime/lib/libawt_xawt.so /runtime/lib/libjawt.so \\\n" in offer.last_stage


@pytest.mark.parametrize("missing", ["jmods/java.se.jmod", "bin/jlink", "release"])
def test_a_jdk_without_modules_to_link(missing: str) -> None:
    lines = [line for line in FILES.splitlines() if f"{HOME}/{missing}" not in line]
    assert render("\n".join(lines)) is None


def test_a_jdk_that_the_dockerfile_changes() -> None:
    changed = FILES.replace("lib/security/cacerts 200kB base", "lib/security/cacerts 201kB @4")
    assert render(changed) is None


def test_no_bare_distribution_can_be_had() -> None:
    assert render(FILES.replace("ground debian:bookworm-slim 75MB libc6", "")) is None
