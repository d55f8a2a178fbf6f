"""What can go wrong with a file of goods as a whole."""

from fairground.kit.errors import N_, Conflict, Invalid, NotFound


class FileUnreadable(Invalid):
    """The file as a whole cannot be read."""

    code = "exchange.unreadable"
    message = N_("We could not read this file.")


class NotATable(FileUnreadable):
    """The file is no text; `what` says what it looks like."""

    code = "exchange.not_a_table"
    message = N_("This is no table of goods but %(what)s. Please save it as CSV and try again.")


class UnknownEncoding(FileUnreadable):
    """The bytes are text of no encoding we know."""

    code = "exchange.unknown_encoding"
    message = N_("The letters of this file are in an unknown encoding. Please save it as UTF-8.")


class EmptyFile(FileUnreadable):
    """There is no line of goods in the file."""

    code = "exchange.empty"
    message = N_("There are no goods in this file.")


class WrongHeader(FileUnreadable):
    """The first line does not name the columns of the format; `missing` lists those that must be there."""

    code = "exchange.wrong_header"
    message = N_("This is no file of %(format)s: these columns are missing: %(missing)s.")


class OtherFormat(FileUnreadable):
    """The first line is that of another format."""

    code = "exchange.other_format"
    message = N_("This looks like a file of %(found)s, not of %(format)s.")


class BrokenXml(FileUnreadable):
    """The file begins as XML and is none; `line` is where it breaks."""

    code = "exchange.broken_xml"
    message = N_("This XML is broken in line %(line)d.")


class XmlDoctype(FileUnreadable):
    """The XML declares a document type, which no feed needs and which can hide what it means."""

    code = "exchange.xml_doctype"
    message = N_("This XML declares a document type (<!DOCTYPE). A product feed needs none; please remove it.")


class NotAFeed(FileUnreadable):
    """The XML is no RSS or Atom."""

    code = "exchange.not_a_feed"
    message = N_("This XML is no product feed: it should begin with <rss> or <feed>.")


class FileTooLarge(FileUnreadable):
    """The file has too many bytes; `most` in MiB."""

    code = "exchange.too_large"
    message = N_("This file is too large: at most %(most)d MiB. Please cut it into several.")


class ImportNotFound(NotFound):
    """There is no such import, or it is of another shop."""

    code = "exchange.import_not_found"
    message = N_("There is no such import.")


class ImportRunning(Conflict):
    """A shop imports one file at a time."""

    code = "exchange.running"
    message = N_("Another file of this shop is just being imported. Please wait until it is done.")
