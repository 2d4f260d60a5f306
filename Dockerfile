# One image for web, stream, worker and beat; docker-compose.yml says which it is.
FROM python:3.13-slim AS packages
COPY requirements/base.txt /base.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r /base.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN useradd --system --uid 10001 bugwire && install -d -o bugwire -g bugwire -m 700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
USER bugwire
VOLUME /data
EXPOSE 8000 8001
CMD ["granian", "--interface", "wsgi", "config.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "48", "--backlog", "4096", "--respawn-failed-workers", "--no-ws"]
