"""The title of a page that is known only when its object is."""

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import VarData

from agent_platform.components.brand import NAME

SET = """useEffect(() => {{ const name = {name}; if (name) document.title = `${{name}} · {site}`; }}, [{name}])"""


class PageTitle(rx.Component):
    """Draws nothing; the tab is named after the var once it is not empty."""

    tag = "Fragment"
    library = "react"
    name: rx.Var[str]

    def add_imports(self) -> dict[str, list[ImportVar]]:
        return {"react": [ImportVar(tag="useEffect")]}

    def add_hooks(self) -> list[rx.Var]:
        script = SET.format(name=str(self.name), site=NAME)
        return [rx.Var(script, _var_data=VarData.merge(self.name._get_all_var_data()))]  # noqa: SLF001

    def _render(self, props: dict | None = None):  # noqa: ANN202  # the framework's own type
        return super()._render(props).remove_props("name")


def page_title(name: rx.Var) -> rx.Component:
    return PageTitle.create(name=name)
