"""Public pages as everybody may read them, without JavaScript: blocks of facts, drawn as HTML, Markdown, head tags and pictures."""
