# The action's image: Python with our program, git, and the docker client with buildx.
# Every version is fixed; the lock under requirements/ fixes what pip installs, by hash.
FROM docker:28.2.2-cli AS docker

FROM python:3.13.5-slim-bookworm AS build
RUN python3 -m venv --without-pip /opt/venv
COPY requirements/runtime.txt /src/requirements/
RUN pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes \
    --requirement /src/requirements/runtime.txt

FROM python:3.13.5-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    # The parts of git that are written in Perl are none that we call.
    && dpkg --purge --force-depends $(dpkg-query --show --showformat '${Package} ' perl 'libperl5*' 'perl-modules-*') \
    && rm -rf /var/lib/apt/lists/*
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-buildx /usr/local/libexec/docker/cli-plugins/docker-buildx
COPY --from=build /opt/venv /opt/venv
COPY bot /opt/image-size-review/bot
ENV PYTHONPATH=/opt/image-size-review
# -P: the working directory is a stranger's checkout, and no place to import from.
ENTRYPOINT ["/opt/venv/bin/python3", "-P", "-m", "bot"]
CMD ["action"]
