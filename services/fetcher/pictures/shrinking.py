"""Makes a picture small: within bounds that hold before it is decoded, as WebP without metadata. Pure.

It runs in a process of its own, as decoders of pictures are large and not ours to mend.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from services.fetcher.pictures.small_picture import MAX_BYTES, MAX_PIXELS, MAX_RESULT, SIDE, SmallPicture
from shared.errors import PermanentError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
MIN_SIDE: Final = 64
MAX_RATIO: Final = 4.0
"""Of the sides: lines, banners and icons are no pictures of a paper."""
_ATTEMPTS: Final = (
    *((SIDE * part // 4, quality) for part in (4, 3, 2) for quality in (78, 64, 50, 38)),
    (120, 30),
)
"""Sides and qualities, from the best to one of which the result always fits."""
_PAPER: Final = (255, 255, 255)
"""What is transparent becomes white: figures are drawn for paper, in black."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # which the library compares with what a header says, before it takes memory


def shrink(data: bytes) -> SmallPicture:
    """Make a picture small; of a moving one, its first frame.

    Raises:
        PermanentError: it is no picture in a known format, is too large or too small, or is damaged.

    """
    if len(data) > MAX_BYTES:
        raise PermanentError(f"the picture is larger than {MAX_BYTES:,} bytes")
    try:
        with _only_bombs(), Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check(image)
            image.draft("RGB", (2 * SIDE, 2 * SIDE))  # a JPEG is decoded at a part of its size
            return _written(_flat(image))
    except UnidentifiedImageError as error:
        raise PermanentError(f"it is no picture in one of the formats {', '.join(FORMATS)}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PermanentError(f"the picture has more than {MAX_PIXELS:,} pixels") from error
    except (PermanentError, MemoryError):
        raise
    except Exception as error:
        raise PermanentError(f"the picture is damaged ({type(error).__name__})") from error


@contextlib.contextmanager
def _only_bombs() -> Iterator[None]:
    """Turn the warning of the library about large pictures into an error, and ignore its others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _check(image: Image.Image) -> None:
    """Check the size that the header names, before anything is decoded."""
    short, long = sorted(image.size)
    if short < MIN_SIDE or long > MAX_RATIO * short:
        raise PermanentError(f"the picture of {image.width} × {image.height} pixels is too small, or too long")


def _flat(image: Image.Image) -> Image.Image:
    """Decode a picture, turn it upright, and return it in RGB on white, within the bounds of the sides."""
    wanted = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode.startswith("I"):  # 16 bits, which a conversion to 8 would cut off instead of scale
        small = image.convert("I").point(lambda value: value * (1 / 256)).convert("L").convert(wanted)
    else:
        small = image if image.mode == wanted else image.convert(wanted)
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    small = ImageOps.exif_transpose(small)
    paper = Image.new("RGB", small.size, _PAPER)
    paper.paste(small, mask=small.getchannel("A") if wanted == "RGBA" else None)
    return paper


def _written(image: Image.Image) -> SmallPicture:
    """Write a picture as WebP, at the best size and quality that fit."""
    for side, quality in _ATTEMPTS:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= MAX_RESULT:
            return SmallPicture(out.getvalue(), image.width, image.height)
    raise PermanentError("the picture cannot be made small enough")
