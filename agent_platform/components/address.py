"""Where the browser is: it knows before the server has answered."""

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData
from reflex_components_core.el.elements.sectioning import Main

HERE = rx.Var(
    "here.pathname.replace(/\\/+$/, '')",
    _var_type=str,
    _var_data=VarData(
        hooks={"const here = useLocation();": None}, imports={"react-router": [ImportVar("useLocation")]}
    ),
)


def of_here(address: Any, showing: Any) -> Any:
    """`showing`, or `loading` while the state still speaks of another address: nothing of the last page is drawn here."""
    return rx.cond(address == HERE, showing, "loading")


class Opening(Main):
    """A main element that nobody can use before `ready` has held at this path: until then its content is of an earlier visit."""

    library = "$/public/js/opening.js"
    tag = "Opening"
    ready: rx.Var[bool]
    returns: rx.Var[int]


def opening_main(*children: Any, loaded: Any, returns: Any, failed: Any, **props: Any) -> rx.Component:
    """`loaded` is the path that the server has loaded last; `failed` holds where it could not; `returns` counts lost connections."""
    return Opening.create(*children, returns=returns, ready=failed | (rx.State.is_hydrated & (loaded == HERE)), **props)
