"""Metrics for Prometheus: queue ages, batch sizes, stage times and sends by outcome."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)

INGEST_BATCH = Histogram("tributary_ingest_batch", "Messages in a group commit", buckets=_SIZES)
INGEST_SECONDS = Histogram(
    "tributary_ingest_seconds", "Time of a group commit, seconds", buckets=_SECONDS
)
BACKLOG = Gauge("tributary_inbox_backlog", "Inbox items not done")
BACKLOG_AGE = Gauge("tributary_inbox_oldest_seconds", "Age of the oldest undone item, seconds")
WORK_BATCH = Histogram("tributary_work_batch", "Items in a worker batch", buckets=_SIZES)
STAGE_SECONDS = Histogram(
    "tributary_stage_seconds",
    "Time of a stage for one batch, seconds",
    ["stage"],
    buckets=_SECONDS,
)
UNDERSTOOD = Counter(
    "tributary_understood_total", "Texts understood, by the interpreter that did", ["interpreter"]
)
TURNS = Counter("tributary_turns_total", "Items done, by outcome", ["outcome"])
ANSWER_SECONDS = Histogram(
    "tributary_answer_seconds",
    "From receipt to the commit of the replies, seconds",
    buckets=_SECONDS,
)
SENDS = Counter(
    "tributary_sends_total", "Send attempts, by channel and outcome", ["channel", "outcome"]
)
ACTIONS = Counter(
    "tributary_actions_total",
    "Calls of slow actions, by action and outcome",
    ["action", "outcome"],
)
WRITINGS = Counter(
    "tributary_writings_total", "Answers a language model was to write, by outcome", ["outcome"]
)
WRITING_SECONDS = Histogram(
    "tributary_writing_seconds",
    "Time of a language model's answer, seconds",
    buckets=(0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 10),
)
WRITING_TOKENS = Counter(
    "tributary_writing_tokens_total", "Tokens of a language model, by direction", ["direction"]
)
WRITING_COST = Counter(
    "tributary_writing_cost_total", "What a language model cost, in its currency"
)
SOCKETS = Gauge("tributary_webchat_sockets", "Open web chat sockets and event streams")
KNOWLEDGE_GENERATION = Gauge(
    "tributary_knowledge_generation", "Generation of published articles this process answers from"
)
KNOWLEDGE_ARTICLES = Gauge("tributary_knowledge_articles", "Articles this process answers from")
KNOWLEDGE_BEHIND = Gauge(
    "tributary_knowledge_behind", "1 while a newer generation could not be built"
)
KNOWLEDGE_BUILD_SECONDS = Histogram(
    "tributary_knowledge_build_seconds",
    "Time to build what is published anew, seconds",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
DEAD_LETTERS = Counter("tributary_dead_letters_total", "Items given up", ["kind"])
FAILURES = Counter(
    "tributary_failures_total", "Failed batches, by stage and error", ["stage", "error"]
)
