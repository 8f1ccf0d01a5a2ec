"""How large a file is that somebody sends: one number for the page, the edge and the store."""

MOST_UPLOAD_BYTES = 100 << 20
# Of a visitor without an account: all input of a demo together. Source: product specification, P-08
MOST_DEMO_BYTES = 1 << 20
DEMO_UPLOADS = "/uploads/demo"  # where such a file is sent, beneath it the agent's address
