"""Pictures from strangers: decoded, turned upright, freed of all metadata, kept as WebP in sRGB.

Nothing of the uploaded file is kept but its pixels, so that neither a script hidden in it nor the place where it was
taken travels on. All functions block; call them with `asyncio.to_thread`.
"""

import io
import struct
import zlib
from typing import Final

import msgspec
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError, features

from fairground.kit.errors import N_, Trouble

SIZES: Final = (96, 240, 480, 800, 1600)
"""Lengths in pixels of the longer side that pictures are offered in."""

ORIGINAL: Final = SIZES[-1]
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
_LONGEST_SIDE: Final = 30_000
_QUALITY: Final = 82
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF") + (("AVIF",) if features.check("avif") else ())
# All that Pillow's decoders are known to raise on broken input.
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    struct.error,
)
_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


class PictureTrouble(Trouble):
    """A picture that cannot be taken."""

    code = "pictures.trouble"
    message = N_("We could not use this picture.")


class NotAPicture(PictureTrouble):
    """The bytes are no picture of a known format, whatever the file's name says."""

    code = "pictures.not_a_picture"
    message = N_("This file is not a JPEG, PNG, WebP, GIF or AVIF picture.")


class PictureBroken(PictureTrouble):
    """The file begins as a picture and does not decode to its end."""

    code = "pictures.broken"
    message = N_("This picture is damaged or incomplete.")


class PictureTooHeavy(PictureTrouble):
    """The file has too many bytes; `limit` in bytes."""

    code = "pictures.too_heavy"
    message = N_("This picture's file is too large; the limit is %(limit)d bytes.")


class PictureTooLarge(PictureTrouble):
    """The picture has too many pixels; `limit` in pixels."""

    code = "pictures.too_large"
    message = N_("This picture has too many pixels; the limit is %(limit)d.")


class Picture(msgspec.Struct, frozen=True):
    """A checked picture: size in pixels of `webp`, the format it came in, and the bytes to keep."""

    width: int
    height: int
    format: str
    webp: bytes


def read_picture(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Picture:
    """Check and clean an uploaded picture, at most 1,600 pixels on its longer side; of a moving one the first frame.

    Raises:
        PictureTooHeavy, PictureTooLarge, NotAPicture, PictureBroken
    """
    if len(data) > max_bytes:
        raise PictureTooHeavy(limit=max_bytes)
    with _open(data, max_pixels) as image:
        came_as = str(image.format)
        try:
            # JPEG decodes to a fraction of its size when less is wanted: a quarter of the memory for a camera's.
            image.draft(None, (ORIGINAL, ORIGINAL))
            image.seek(0)
            image.load()
            clean = _to_srgb(ImageOps.exif_transpose(image))
        except (Image.DecompressionBombError, MemoryError) as error:
            raise PictureTooLarge(limit=max_pixels) from error
        except (*_BROKEN, zlib.error) as error:
            raise PictureBroken from error
    clean.thumbnail((ORIGINAL, ORIGINAL), Image.Resampling.LANCZOS)
    return Picture(clean.width, clean.height, came_as.lower(), _webp(clean))


def derive(webp: bytes, size: int) -> bytes:
    """Make the picture no longer than `size` pixels on either side; a smaller one keeps its own size."""
    with Image.open(io.BytesIO(webp), formats=("WEBP",)) as image:
        if max(image.size) <= size:
            return webp
        image.load()
        smaller: Image.Image = image.copy()
    smaller.thumbnail((size, size), Image.Resampling.LANCZOS)
    return _webp(smaller)


def _open(data: bytes, max_pixels: int) -> Image.Image:
    """Read the header only, so that a picture too large is refused before a pixel of it is decoded."""
    try:
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(limit=max_pixels) from error
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except (*_BROKEN, zlib.error) as error:
        raise PictureBroken from error
    if image.width * image.height > max_pixels or max(image.size) > _LONGEST_SIDE:
        image.close()
        raise PictureTooLarge(limit=max_pixels)
    return image


def _to_srgb(image: Image.Image) -> Image.Image:
    """Give the pixels alone, as RGB or RGBA in sRGB."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    colours = _convert_by_profile(image) or _convert_plainly(image)
    if alpha is not None:
        colours.putalpha(alpha)
    colours.info.clear()
    return colours


def _convert_by_profile(image: Image.Image) -> Image.Image | None:
    profile = image.info.get("icc_profile")
    if not profile or image.mode.startswith("I"):
        return None
    source = image if image.mode in {"RGB", "CMYK", "L"} else image.convert("RGB")
    try:
        return ImageCms.profileToProfile(source, io.BytesIO(profile), _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        # A broken or foreign profile (a printer's on an RGB picture) is no reason to refuse the goods.
        return None


def _convert_plainly(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits a pixel: Pillow would cut all above 255 to white.
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGB")


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()
