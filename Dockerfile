# The hub's processes: one image, one command each (see docker-compose.yml).
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --create-home --home-dir /var/lib/hearthward hearthward
WORKDIR /opt/hearthward

COPY requirements.lock ./
RUN pip install --quiet --require-hashes --no-deps -r requirements.lock

COPY . ./
RUN pip install --quiet --no-deps --no-build-isolation .

USER hearthward
WORKDIR /var/lib/hearthward
ENTRYPOINT ["hearthward"]
CMD ["--help"]
