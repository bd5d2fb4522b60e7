# Tributary as one image; the command decides the role: serve, serve --role web|worker, migrate, …

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app

# For PyTorch without GPU code, some gigabytes smaller, pass its CPU index:
# docker build --build-arg PIP_EXTRA_INDEX_URL=…
ARG PIP_EXTRA_INDEX_URL=
ARG TORCH=torch==2.13.0
RUN pip install "$TORCH"

# The packages change rarely, so they come before the code. The lock file also pins what only
# tests need; as constraints its lines count for nothing that is not asked for.
COPY pyproject.toml requirements.lock README.md LICENSE ./
RUN mkdir bots nlu dialogues channels knowledge_base crm_store \
    && pip install --constraint requirements.lock --editable .
COPY . .
RUN pip install --no-deps --editable .

# Train and index the bot now, so that a container starts in seconds.
ARG TRIBUTARY_BOT=bots/library/moss_and_kettle
ENV HF_HUB_OFFLINE=1 TRIBUTARY_CACHE=/app/cache
RUN TRIBUTARY_BOT="$TRIBUTARY_BOT" tributary prepare

# Rasa with a model of the same bot, for those who want it as the interpreter:
# docker build --target rasa .
FROM build AS rasa-project
ARG TRIBUTARY_BOT=bots/library/moss_and_kettle
RUN tributary export rasa "$TRIBUTARY_BOT" /rasa

FROM python:3.10-slim AS rasa
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
COPY scripts/rasa-requirements.txt /
RUN pip install --requirement /rasa-requirements.txt
COPY scripts/serve_rasa.sh /
RUN useradd --system --uid 10002 --create-home rasa
COPY --from=rasa-project --chown=rasa:rasa /rasa /rasa
USER rasa
RUN /serve_rasa.sh /usr/local /rasa
EXPOSE 5005
STOPSIGNAL SIGTERM
CMD ["/serve_rasa.sh", "/usr/local", "/rasa", "5005", "0.0.0.0"]

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /app --no-create-home tributary \
    && install -d -o tributary -g tributary /app/var
COPY --from=build /opt/venv /opt/venv
COPY --from=build --chown=tributary:tributary /app /app
WORKDIR /app
USER tributary
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TRIBUTARY_CACHE=/app/cache TRIBUTARY_HOST=0.0.0.0 TRIBUTARY_PORT=8000
EXPOSE 8000
VOLUME /app/var
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["tributary"]
CMD ["serve"]
