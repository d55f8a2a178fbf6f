"""Small tables as spreadsheet programs save them."""


def text_of(data: bytes) -> str | None:
    """Read the bytes of a CSV file as text: UTF-8, or what programs in China write; None where it is no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    return None
