"""What the server has put into the head of the first page, for readers without a script: kept for it, taken away after it."""

import json

import reflex as rx
from reflex.utils.imports import ImportDict, ImportVar

LEAVE = """const servedPlace = useLocation();
const servedAt = useRef(servedPlace.pathname + servedPlace.search);
useEffect(() => {
  if (servedPlace.pathname + servedPlace.search !== servedAt.current)
    document.querySelectorAll("[data-served]").forEach((tag) => tag.remove());
}, [servedPlace])"""
TITLE = """(globalThis.document?.querySelector(`title[data-at="${{globalThis.location?.pathname}}"]`)?.textContent ?? {otherwise})"""


class ServedHead(rx.Component):
    """Draws nothing; once the browser goes on to another page, no canonical address or picture of the first one is left."""

    tag = "Fragment"
    library = "react"

    def add_imports(self) -> ImportDict:
        return {
            "react": [ImportVar(tag="useEffect"), ImportVar(tag="useRef")],
            "react-router": [ImportVar(tag="useLocation")],
        }

    def add_hooks(self) -> list[str | rx.Var]:
        return [LEAVE]


def served_head() -> rx.Component:
    return ServedHead.create()


def served_title(otherwise: str) -> rx.Var[str]:
    """The title that the server has given this address: a page whose name comes over the socket is not nameless until then."""
    return rx.Var(TITLE.format(otherwise=json.dumps(otherwise)), _var_type=str)
