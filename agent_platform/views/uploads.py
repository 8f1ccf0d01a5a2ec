"""What a page knows of files before they are sent."""

from agent_platform.core.uploads import DEMO_UPLOADS, MOST_DEMO_BYTES, MOST_UPLOAD_BYTES

__all__ = ["DEMO_UPLOADS", "MOST_DEMO_BYTES", "MOST_UPLOAD_BYTES", "UPLOADS"]

UPLOADS = "/uploads"  # answers a multipart POST of `file` with {"id", "name"} or a problem with "detail"
