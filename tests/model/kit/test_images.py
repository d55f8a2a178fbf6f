import contextlib
import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms, features

from fairground.kit.images import (
    SIZES,
    NotAPicture,
    PictureBroken,
    PictureTooHeavy,
    PictureTooLarge,
    derive,
    read_picture,
)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(webp: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(webp))
    image.load()
    assert image.format == "WEBP"
    return image


def two_halves(width: int = 80, height: int = 40) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, width // 2, height))
    return image


def png_with_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 9000))
        + chunk(b"IEND", b"")
    )


def close_to(pixel: object, colour: tuple[int, ...], by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=True))


def test_camera_held_upright_gives_an_upright_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn me by 90 degrees to the right"
    picture = read_picture(saved(two_halves(), "JPEG", exif=exif, quality=95))
    image = opened(picture.webp)
    assert (picture.width, picture.height, picture.format) == (40, 80, "jpeg") == (*image.size, "jpeg")
    assert close_to(image.getpixel((20, 5)), (255, 0, 0))
    assert close_to(image.getpixel((20, 75)), (0, 0, 255))


def test_place_and_camera_do_not_travel_on() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (30.0, 15.0, 10.0)
    source = saved(two_halves(), "JPEG", exif=exif, comment=b"SecretComment")
    assert b"SecretCamera" in source
    assert Image.open(io.BytesIO(source)).getexif().get_ifd(0x8825)
    webp = read_picture(source).webp
    assert b"Secret" not in webp
    assert not opened(webp).getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(opened(webp).info)


def test_page_named_png_is_no_picture() -> None:
    with pytest.raises(NotAPicture):
        read_picture(b"<!doctype html><script>alert(1)</script>")


def test_formats_we_do_not_offer_are_no_pictures() -> None:
    for kind in ("BMP", "TIFF", "PPM", "ICO"):
        with pytest.raises(NotAPicture):
            read_picture(saved(two_halves(), kind))


def test_script_behind_a_picture_is_dropped() -> None:
    source = saved(two_halves(), "PNG") + b"<script>alert(1)</script>"
    assert b"<script>" not in read_picture(source).webp


@pytest.mark.parametrize("size", [(60_000, 60_000), (9_000, 9_000), (2**31 - 1, 1), (40_000, 2)])
def test_huge_picture_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge) as refusal:
        read_picture(png_with_size(*size))
    assert refusal.value.params == {"limit": 50_000_000}


def test_pixel_limit_is_the_callers() -> None:
    source = saved(two_halves(80, 40), "PNG")
    assert read_picture(source, max_pixels=3200).width == 80
    with pytest.raises(PictureTooLarge):
        read_picture(source, max_pixels=3199)


def test_heavy_file_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(PictureTooHeavy):
        read_picture(b"x" * 101, max_bytes=100)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_file_is_broken(kind: str) -> None:
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    whole = saved(noise, kind)
    assert read_picture(whole).width == 300
    with pytest.raises(PictureBroken):
        read_picture(whole[: len(whole) // 2])


def test_every_cut_and_every_flipped_byte_is_trouble_or_a_picture() -> None:
    for kind in ("JPEG", "PNG", "WEBP", "GIF"):
        whole = saved(two_halves(16, 8), kind)
        for at in range(len(whole)):
            for data in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
                with contextlib.suppress(NotAPicture, PictureBroken, PictureTooLarge):
                    assert read_picture(data, max_pixels=100_000).webp


def test_moving_gif_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ((255, 0, 0), (0, 255, 0))]
    source = saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    picture = read_picture(source)
    image = opened(picture.webp)
    assert picture.format == "gif"
    assert not getattr(image, "is_animated", False)
    assert close_to(image.convert("RGB").getpixel((5, 5)), (255, 0, 0))


def test_printers_cmyk_becomes_rgb() -> None:
    source = saved(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), "JPEG", quality=95)
    image = opened(read_picture(source).webp)
    assert image.mode == "RGB"
    red, green, blue = image.getpixel((10, 10))
    assert red > 200
    assert green < 60
    assert blue < 60


def test_palette_with_a_transparent_colour_keeps_it() -> None:
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.paste(1, (10, 0, 20, 20))
    image = opened(read_picture(saved(palette, "PNG", transparency=0)).webp)
    assert image.mode == "RGBA"
    assert image.getpixel((2, 10))[3] == 0
    assert close_to(image.getpixel((17, 10)), (0, 255, 0, 255))


def test_sixteen_bits_a_pixel_keep_their_grey() -> None:
    image = opened(read_picture(saved(Image.new("I;16", (20, 20), 0x8000), "PNG")).webp)
    assert close_to(image.getpixel((10, 10)), (128, 128, 128), by=3)


def test_colours_of_another_profile_are_converted() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert opened(read_picture(saved(two_halves(), "JPEG", icc_profile=lab)).webp).mode == "RGB"
    assert opened(read_picture(saved(two_halves(), "JPEG", icc_profile=b"junk")).webp).mode == "RGB"


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_taken() -> None:
    assert read_picture(saved(two_halves(), "AVIF")).format == "avif"


def test_large_picture_is_kept_at_1600() -> None:
    for kind in ("JPEG", "PNG"):
        picture = read_picture(saved(two_halves(4000, 1000), kind))
        assert (picture.width, picture.height) == (1600, 400)


def test_derived_sizes_contain_the_whole_picture() -> None:
    webp = read_picture(saved(two_halves(1600, 800), "PNG")).webp
    for size in SIZES:
        image = opened(derive(webp, size))
        assert image.size == (size, size // 2)
        assert close_to(image.getpixel((2, 2)), (255, 0, 0), by=20)
    assert derive(webp, 5000) == webp
