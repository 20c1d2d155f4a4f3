# The action's image: Python with our program, git, and the docker client with buildx.
# Versions are fixed; the locks under requirements/ fix what pip installs, by hash.
FROM docker:28.2.2-cli AS docker

FROM python:3.13.5-slim-bookworm AS build
RUN python3 -m venv /opt/venv
COPY requirements/runtime.txt /src/requirements/
RUN /opt/venv/bin/pip install --no-cache-dir --no-compile --require-hashes -r /src/requirements/runtime.txt
COPY . /src
RUN cp -r /src/bot "$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:3.13.5-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=docker /usr/local/bin/docker /usr/local/bin/docker
COPY --from=docker /usr/local/libexec/docker/cli-plugins/docker-buildx /usr/local/libexec/docker/cli-plugins/docker-buildx
COPY --from=build /opt/venv /opt/venv
ENTRYPOINT ["/opt/venv/bin/python3", "-m", "bot"]
CMD ["action"]
