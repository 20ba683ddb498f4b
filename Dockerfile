# syntax=docker/dockerfile:1
# Three stages: the front end, the Python packages, and an image that holds neither's tools.

FROM node:22-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend/ ./
COPY app/web/styles/ /build/app/web/styles/
RUN npm run build

FROM python:3.12-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/zegel
COPY requirements/base.txt requirements/build.txt requirements/
RUN python -m venv .venv && .venv/bin/pip install --require-hashes -r requirements/base.txt -r requirements/build.txt
COPY . .
RUN .venv/bin/pip install --no-index --no-deps --no-build-isolation --editable . \
    && .venv/bin/pybabel -q compile -f -d app/translations \
    && .venv/bin/python -m compileall -q app mobile_api config.py wsgi.py \
    && .venv/bin/pip uninstall --yes setuptools pip

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/zegel --shell /usr/sbin/nologin zegel \
    && install -d -o zegel -g zegel -m 0700 /var/lib/zegel /var/backups/zegel
WORKDIR /srv/zegel
COPY --from=packages /srv/zegel /srv/zegel
COPY --from=frontend /build/app/web/static/dist app/web/static/dist
ENV PATH=/srv/zegel/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ZEGEL_ENV=production \
    ZEGEL_VAR=/var/lib/zegel \
    LOG_FORMAT=json
USER zegel
VOLUME ["/var/lib/zegel", "/var/backups/zegel"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["zegel"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
