"""Creators' Markdown on a page. The only module that places HTML; it takes what `views.markdown` has cleaned."""

import reflex as rx

from agent_platform.components.theme import Text


def prose(html: Text) -> rx.Component:
    """HTML made by `views.markdown.render_markdown`, and by nothing else."""
    return rx.html(html, class_name="prose")
