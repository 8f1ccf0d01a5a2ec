"""What is said while the page has lost its server: one sentence, gone as soon as it is back."""

import reflex as rx
from reflex_components_core.core.banner import has_too_many_connection_errors

from agent_platform.components.feedback import connection_lost


@rx.memo
def lost_connection() -> rx.Component:
    """A first try that fails is not worth a word: the next one follows within a second."""
    return rx.fragment(rx.cond(has_too_many_connection_errors, connection_lost()))


def connection(stateful: bool) -> rx.Component | None:
    """For the framework's own place of such notices, which would show the words of the error."""
    return rx.fragment(lost_connection()) if stateful else None
