"""Shows what handlers say, without the `eval` that Reflex' own toasts from handlers would need."""

import reflex as rx
from reflex.utils.imports import ImportDict, ImportVar
from reflex.vars import VarData

from agent_platform.components.feedback import toaster
from agent_platform.state.session import Session

SHOW = """useEffect(() => {{
  const notice = {notice};
  if (!notice.id) return;
  if (notice.leave_to) {{ window.location.assign(notice.leave_to); return; }}
  const isError = notice.level === "error";
  const id = isError ? notice.title : notice.id; // an error stays until it is closed: of several with one title the last is true
  refs['__toast'][notice.level](notice.title, {{
    id, description: notice.note || undefined, duration: isError ? 3600000 : 6000, closeButton: isError,
  }});
}}, [{notice}.id])"""


class Notices(rx.Component):
    """Draws nothing; each new `Session.notice` becomes a toast, or a full page load."""

    tag = "Fragment"
    library = "react"

    def add_imports(self) -> ImportDict:
        return {
            "react": [ImportVar(tag="useEffect")],
            "$/utils/state": [ImportVar(tag="refs")],
        }

    def add_hooks(self) -> list[str | rx.Var]:
        notice = rx.Var.create(Session.notice)
        return [rx.Var(SHOW.format(notice=str(notice)), _var_data=VarData.merge(notice._get_all_var_data()))]  # noqa: SLF001


def notices() -> rx.Component:
    """For `rx.App(toaster=...)`: where toasts appear, and what makes them."""
    return rx.fragment(toaster(), Notices.create())
