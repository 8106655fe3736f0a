# The service (`blurprint serve`) as an image; compose.yaml runs it. docs/install.md explains both.
#   docker build --tag blurprint .
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
# HEIC needs `heif` here too: --build-arg EXTRAS=serve,video,provenance,heif
ARG EXTRAS=serve,video,provenance
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY docker/constraints.txt docker/constraints.txt
RUN python -m pip install --only-binary :all: -c docker/constraints.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY src/ src/
# Wheels only: nothing is compiled, and no package runs code of its own while it is installed.
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m venv --without-pip /opt/blurprint \
    && python -m pip --python /opt/blurprint/bin/python install --only-binary :all: \
        -c docker/constraints.txt "$(echo dist/*.whl)[${EXTRAS}]" \
    && /opt/blurprint/bin/python -m compileall -q /opt/blurprint/lib

FROM python:${PYTHON}
# GPL and LGPL: FFmpeg, x264 and x265 in the wheel of av (and x265 in that of pillow-heif).
LABEL org.opencontainers.image.title="Blurprint" \
      org.opencontainers.image.description="Measures the defocus blur of photographs: page and API" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0 AND GPL-2.0-or-later AND LGPL-3.0-or-later"
# No tools to install anything with; a user without a name elsewhere; a folder for results.
RUN python -m pip uninstall --yes pip setuptools wheel \
    && groupadd --system --gid 10001 blurprint \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin blurprint \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /opt/blurprint /opt/blurprint
ENV PATH=/opt/blurprint/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    BLURPRINT_HOST=0.0.0.0 \
    BLURPRINT_PORT=8000 \
    BLURPRINT_FOLDER=/data
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"BLURPRINT_PORT\"]}/v1/healthz', timeout=5).read()"]
ENTRYPOINT ["blurprint"]
CMD ["serve"]
