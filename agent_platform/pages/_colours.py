"""The colours that a person has chosen hold on every host and device; visitors keep theirs in the browser."""

import reflex as rx
from reflex.style import color_mode
from reflex.utils.imports import ImportDict, ImportVar
from reflex.vars import VarData

from agent_platform.state.session import Session

APPLY = """const {{ setColorMode }} = useContext(ColorModeContext);
useEffect(() => {{
  const chosen = {chosen};
  if (chosen) setColorMode(chosen);
}}, [{chosen}])"""


class Colours(rx.Component):
    """Draws nothing; the browser follows `Session.shell.color_mode`."""

    tag = "Fragment"
    library = "react"

    def add_imports(self) -> ImportDict:
        return {"react": [ImportVar(tag="useEffect")]}

    def add_hooks(self) -> list[str | rx.Var]:
        chosen = rx.Var.create(Session.shell.color_mode)
        known = VarData.merge(chosen._get_all_var_data(), color_mode._get_all_var_data())  # noqa: SLF001
        return [rx.Var(APPLY.format(chosen=str(chosen)), _var_data=known)]


def colours() -> rx.Component:
    return Colours.create()
