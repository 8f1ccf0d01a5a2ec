"""Where the browser is: it knows before the server has answered."""

from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData

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
