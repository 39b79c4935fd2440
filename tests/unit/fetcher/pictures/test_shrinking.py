import contextlib
import random
import tracemalloc
import zlib

import pytest
from PIL import Image

from services.fetcher.pictures.shrinking import FORMATS, shrink
from services.fetcher.pictures.small_picture import MAX_BYTES, MAX_RESULT, SIDE
from shared.errors import PermanentError
from tests.unit.fetcher.pictures.images import chunk, decoded, drawing, encoded, png

WHITE = (255, 255, 255)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 24 for a, b in zip(one, other, strict=True))


def pixel(body: bytes, x: int, y: int) -> tuple[int, ...]:
    value = decoded(body).convert("RGB").getpixel((x, y))
    assert isinstance(value, tuple)
    return tuple(map(int, value))


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_each_format_becomes_a_small_one(form: str) -> None:
    small = shrink(encoded(drawing(), form))
    assert (small.width, small.height) == (352, 198)
    assert len(small.body) <= MAX_RESULT
    image = decoded(small.body)
    assert (image.format, image.size, image.mode) == ("WEBP", (352, 198), "RGB")
    assert near(pixel(small.body, 300, 100), (30, 90, 160))
    assert near(pixel(small.body, 20, 100), (10, 10, 10))


def test_noise_that_cannot_be_compressed_fits_too() -> None:
    noise = Image.frombytes("RGB", (400, 300), random.Random(7).randbytes(400 * 300 * 3))
    small = shrink(encoded(noise))
    assert len(small.body) <= MAX_RESULT
    assert decoded(small.body).size == (small.width, small.height)


def test_a_small_picture_is_not_made_larger() -> None:
    assert (shrink(encoded(drawing(120, 90))).width, SIDE) == (120, 352)


@pytest.mark.parametrize(("orientation", "size", "dark"), ((1, (352, 198), (20, 100)), (6, (198, 352), (80, 20))))
def test_a_photo_stands_upright(orientation: int, size: tuple[int, int], dark: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    small = shrink(encoded(drawing(), "JPEG", exif=exif))
    assert (small.width, small.height) == size
    assert near(pixel(small.body, *dark), (10, 10, 10))


def test_metadata_is_removed() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    given = encoded(drawing(), "JPEG", exif=exif, icc_profile=b"a profile" * 50, comment=b"a comment")
    assert b"taken at home" in given
    image = decoded(shrink(given).body)
    assert {"exif", "icc_profile", "xmp", "comment"} & image.info.keys() == set()


def test_inks_become_colours() -> None:
    assert near(pixel(shrink(encoded(drawing(mode="CMYK"), "JPEG")).body, 300, 100), (30, 90, 160))


@pytest.mark.parametrize("mode", ("RGBA", "LA", "P"))
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 100, 300))
    small = shrink(encoded(image.convert(mode), "PNG"))
    assert near(pixel(small.body, 300, 150), WHITE)
    assert near(pixel(small.body, 20, 150), (0, 0, 0))


def test_a_palette_with_a_transparent_colour_is_read() -> None:
    image = drawing(400, 300).convert("P", palette=Image.Palette.ADAPTIVE, colors=4)
    clear = image.getpixel((300, 150))
    assert near(pixel(shrink(encoded(image, "GIF", transparency=clear)).body, 300, 150), WHITE)


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    image = Image.new("I;16", (200, 150), 0x8000)
    assert near(pixel(shrink(encoded(image)).body, 100, 75), (128, 128, 128))


@pytest.mark.parametrize("form", ("GIF", "WEBP", "PNG"))
def test_a_film_shows_its_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (200, 150), colour) for colour in ((250, 10, 10), (10, 10, 250))]
    small = shrink(encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=40))
    assert near(pixel(small.body, 100, 75), (250, 10, 10))
    assert getattr(decoded(small.body), "n_frames", 1) == 1


@pytest.mark.parametrize(("width", "height"), ((63, 400), (400, 63), (1_000, 240), (1, 1)))
def test_icons_and_banners_are_no_pictures_of_a_paper(width: int, height: int) -> None:
    with pytest.raises(PermanentError, match="too small, or too long"):
        shrink(encoded(drawing(width, height)))


def test_a_bomb_is_refused_by_its_header() -> None:
    """INVARIANT: a picture of too many pixels is refused before memory is taken for them."""
    bomb = png(20_000, 20_000, rows=bytes(1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(PermanentError, match="more than 40,000,000 pixels"):
            shrink(bomb)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    (
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='300' height='300'><rect width='300' height='300'/></svg>",
        b"<html>not found</html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n",
        encoded(drawing(), "BMP"),
        encoded(drawing(), "TIFF"),
        encoded(drawing(256, 256), "ICO"),
    ),
)
def test_other_formats_are_refused(body: bytes) -> None:
    with pytest.raises(PermanentError, match="no picture in one of the formats PNG, JPEG, WEBP, GIF"):
        shrink(body)


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_picture_is_refused(form: str) -> None:
    noise = Image.frombytes("RGB", (300, 300), random.Random(1).randbytes(300 * 300 * 3))
    whole = encoded(noise, form)
    with pytest.raises(PermanentError):
        shrink(whole[: len(whole) // 2])


def test_text_that_inflates_is_refused() -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(20_000_000), 9))
    with pytest.raises(PermanentError, match="damaged"):
        shrink(png(300, 300, *[text] * 2, rows=bytes(300 * 901)))


def test_a_picture_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(PermanentError, match="larger than 5,242,880 bytes"):
        shrink(encoded(drawing()) + bytes(MAX_BYTES))


def test_bytes_changed_at_random_are_read_or_refused() -> None:
    """INVARIANT: whatever a picture holds, nothing but its refusal is raised."""
    chance = random.Random(3)
    for form in FORMATS:
        whole = encoded(drawing(120, 90), form)
        for _ in range(30):
            body = bytearray(whole)
            for _ in range(4):
                body[chance.randrange(len(body))] = chance.randrange(256)
            with contextlib.suppress(PermanentError):
                assert len(shrink(bytes(body)).body) <= MAX_RESULT
