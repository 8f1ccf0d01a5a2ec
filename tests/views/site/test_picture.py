import io

import pytest
from PIL import Image

from agent_platform.views.site.blocks import Picture
from agent_platform.views.site.engraving import coin_picture, icon_picture, rosette_mask
from agent_platform.views.site.picture import drawn

LONG = "W" * 300


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(drawn(picture))).convert("RGB")


@pytest.mark.parametrize("number", range(24))
def test_every_kind_of_icon_can_be_drawn(number):
    icon = icon_picture(f"agent-{number}", 112)
    assert icon.size == (112, 112)
    assert len(icon.getcolors(100_000)) > 3
    assert icon.getpixel((2, 56))[3] == 255


def test_the_coin_has_a_square_hole():
    coin = coin_picture(40)
    assert coin.getpixel((20, 20))[3] == 0
    assert coin.getpixel((8, 20))[3] == 255


def test_a_rosette_is_that_of_its_seed():
    assert rosette_mask("a", 200).tobytes() == rosette_mask("a", 200).tobytes()
    assert rosette_mask("a", 200).tobytes() != rosette_mask("b", 200).tobytes()


@pytest.mark.parametrize(
    "picture",
    [
        Picture(""),
        Picture(LONG, "a/b", LONG, (("price", LONG),) * 4, "a"),
        Picture(LONG + " " + LONG, text=f"{LONG} {LONG} {LONG}"),
        Picture("数据分析", "openworks/data-profiler", "Описание", (("価格", "無料"),), "data-profiler"),
        Picture("\u202e\u200b\x00 name", "a/b", "\ud7ff\U0010ffff", (), "a"),
    ],
)
def test_any_words_fit(picture):
    assert opened(picture).size == (1200, 630)


def test_a_name_that_the_font_lacks_gives_way_to_the_address():
    named = opened(Picture("数据分析", "openworks/data-profiler", icon="data-profiler"))
    assert (
        named.tobytes() == opened(Picture("data-profiler", "openworks/data-profiler", icon="data-profiler")).tobytes()
    )
