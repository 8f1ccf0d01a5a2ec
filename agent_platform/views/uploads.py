"""What a page knows of files before they are sent."""

from agent_platform.core.uploads import MOST_UPLOAD_BYTES

__all__ = ["MOST_UPLOAD_BYTES"]
