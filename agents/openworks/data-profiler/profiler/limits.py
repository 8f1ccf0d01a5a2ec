"""The bounds that keep one run inside its 512 MB sandbox."""

MAX_COLUMNS = 2_000
MAX_CELL_CHARACTERS = 1_000_000
MAX_WORKBOOK_BYTES = 300 * 1024 * 1024
MAX_WORKBOOK_PARTS = 2_000
TABLE_BUDGET_BYTES = 240 * 1024 * 1024
EXAMPLE_CHARACTERS = 80


class Unreadable(Exception):
    """The file cannot be read as a table; the text says why and what to do."""


class TooLarge(Unreadable):
    """The table does not fit; `rows` is how many rows were read by then."""

    def __init__(self, text: str, *, rows: int) -> None:
        super().__init__(text)
        self.rows = rows
