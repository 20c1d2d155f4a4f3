# The action's image: Python with our program, git, and the docker client with buildx.
# Every version is fixed; the lock under requirements/ fixes what pip installs, by hash.
FROM docker:28.5.2-cli AS docker

FROM python:3.13.14-slim-trixie AS build
RUN python3 -m venv --without-pip /opt/venv
COPY requirements/runtime.txt /src/requirements/
RUN pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes \
    --requirement /src/requirements/runtime.txt

FROM python:3.13.14-slim-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    # We call none of the parts of git that are written in Perl.
    && dpkg --purge --force-depends $(dpkg-query --show --showformat '${Package} ' perl 'libperl5*' 'perl-modules-*') \
    && rm -rf /var/lib/apt/lists/*
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-buildx /usr/local/libexec/docker/cli-plugins/docker-buildx
COPY --from=build /opt/venv /opt/venv
# The command's name, for jobs that run in this image (GitLab CI, Jenkins).
RUN printf '#!/bin/sh\nexec /opt/venv/bin/python3 -P -m bot "$@"\n' >/usr/local/bin/image-size-review \
    && chmod 755 /usr/local/bin/image-size-review
COPY bot /opt/image-size-review/bot
ENV PYTHONPATH=/opt/image-size-review
# Both are set by a release. They come last, so that every layer is cached from one to the next.
ARG VERSION=unreleased
ARG REVISION=unknown
# The licence is that of the program; for the rest of the image see the README.
LABEL org.opencontainers.image.title="Image Size Review" \
    org.opencontainers.image.description="Reviews what a pull request does to the size of its container images." \
    org.opencontainers.image.url="https://github.com/image-size-review/image-size-review" \
    org.opencontainers.image.source="https://github.com/image-size-review/image-size-review" \
    org.opencontainers.image.documentation="https://github.com/image-size-review/image-size-review/blob/main/README.md" \
    org.opencontainers.image.vendor="The Image Size Review authors" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION"
# -P: nothing is imported from the working directory, which is an untrusted checkout.
ENTRYPOINT ["/opt/venv/bin/python3", "-P", "-m", "bot"]
CMD ["action"]
