"""How large a file is that somebody sends: one number for the page, the edge and the store."""

MOST_UPLOAD_BYTES = 100 << 20
MOST_DEMO_BYTES = (
    1 << 20
)  # of a visitor without an account: all input of a demo together. Source: product specification, P-08
