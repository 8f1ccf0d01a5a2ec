"""What one run may use, whatever its agent does."""

PIDS = 128
MOST_ROWS = 100_000
MOST_ROW_BYTES = 256 * 1_048_576  # of one attempt
ROWS_FULL = (
    f"A run stores at most {MOST_ROWS:,} rows and {MOST_ROW_BYTES // 1_048_576} MiB of them. "
    "What was stored stays; put large content into a file."
)
