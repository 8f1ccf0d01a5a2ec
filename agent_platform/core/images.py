"""Pictures that people send: judged by their content, decoded, and written anew, so that nothing of the sent file is served."""

import io
import threading

from agent_platform.core.errors import InputInvalid, TooLarge

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 1_048_576
MOST_PIXELS = 16_000_000
MEDIA_TYPE = "image/webp"
_one_at_a_time = threading.Lock()  # a picture of sixteen million pixels takes tens of megabytes while it is read
UNREADABLE = "This is no PNG, JPEG or WebP picture that can be read. Nothing was stored."


def recoded(content: bytes, *, most_side: int) -> bytes:
    """The picture as WebP of at most so many pixels a side, without a trace of anything but its pixels; of a moving one the first.

    Raises: TooLarge, InputInvalid for whatever is no whole PNG, JPEG or WebP.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("The picture is larger than 1 MiB. Nothing was stored; make it smaller.")
    try:
        with _one_at_a_time:
            return _written(content, most_side)
    except TooLarge:
        raise
    except (
        Exception
    ) as error:  # decoders of hostile bytes fail in ways of their own; whatever it is, there is no picture
        raise InputInvalid(UNREADABLE) from error


def _written(content: bytes, most_side: int) -> bytes:
    from PIL import Image  # needed by one handler of one process

    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:  # known from the header, before anything is decoded
            raise TooLarge(f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels. Nothing was stored.")
        drawn = picture.convert("RGBA")
    drawn.thumbnail((most_side, most_side))
    out = io.BytesIO()
    drawn.save(out, "WEBP", quality=90, method=4)
    return out.getvalue()
