"""Asks the broker as a sandbox would, all the time, and notes its answers: what agents say about it is checked against them."""

import threading

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agent_platform.core.settings import Settings, get_settings
from agent_platform.services import outages
from workers.probes import broker_answers

log = structlog.get_logger()
ASK_SECONDS = 2.0


def listen_to_broker(stop: threading.Event, *, every_seconds: float = ASK_SECONDS) -> None:
    """Until `stop` is set, every answer of the broker is noted, and with it an outage that it ends."""
    endpoint, in_vain = broker_endpoint(get_settings()), False
    while not stop.wait(every_seconds):
        if not broker_answers(endpoint):
            in_vain = True
            continue
        try:
            silent_seconds = outages.note_answer(outages.BROKER, was_asked=in_vain)
        except SQLAlchemyError as error:
            log.warning("answer_not_noted", error=type(error).__name__)
            continue
        in_vain = False
        if silent_seconds is not None:
            log.warning("broker_was_out", seconds=round(silent_seconds, 1))


def broker_endpoint(settings: Settings) -> str:
    """Where sandboxes find the broker, as this process reaches it."""
    return settings.broker_url if settings.driver == "kubernetes" else str(settings.broker_dir / "broker.sock")
