"""How large a file is that somebody sends: one number for the page, the edge and the store."""

MOST_UPLOAD_BYTES = 100 << 20
