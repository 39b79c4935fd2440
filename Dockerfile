# One image a service: docker build --build-arg SERVICE=search -t paperwire-search .

# What builds and installs: hatchling and uv.
FROM python:3.11-slim AS tools
WORKDIR /src
COPY deploy/locks/build.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r build.lock

# Paperwire itself, as a wheel; the same for all services.
FROM tools AS wheel
COPY pyproject.toml README.md LICENSE ./
COPY shared shared
COPY embedded embedded
COPY paperwire paperwire
COPY services services
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

# The packages of one service only.
FROM tools AS packages
ARG SERVICE
COPY deploy/locks/${SERVICE}.lock service.lock
RUN python -m venv --without-pip /opt/paperwire \
    && uv pip install --python /opt/paperwire --no-cache --no-deps --require-hashes --compile-bytecode -r service.lock
COPY --from=wheel /wheels /wheels
RUN uv pip install --python /opt/paperwire --no-cache --no-deps --no-index --compile-bytecode /wheels/*.whl

FROM python:3.11-slim
ARG SERVICE
# A volume mounted at /data/models inherits this owner.
RUN useradd --system --uid 10001 paperwire && install -d -o paperwire /data /data/models
COPY --from=packages /opt/paperwire /opt/paperwire
ENV SERVICE=${SERVICE} \
    PATH=/opt/paperwire/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PAPERWIRE_DATA_DIR=/data \
    PAPERWIRE_HTTP_HOST=0.0.0.0 \
    PAPERWIRE_HTTP_PORT=8080
WORKDIR /data
USER 10001
EXPOSE 8080
# The embedding model is built at the first start, before the port opens.
HEALTHCHECK --interval=5s --timeout=3s --start-period=180s CMD ["python", "-c", "import os, urllib.request as http; http.urlopen('http://127.0.0.1:' + os.environ['PAPERWIRE_HTTP_PORT'] + '/healthz', timeout=2)"]
# exec replaces the shell, so Python receives SIGTERM and drains.
CMD ["sh", "-c", "exec python -m services.${SERVICE}"]
