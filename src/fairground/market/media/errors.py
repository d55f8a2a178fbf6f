"""What can go wrong with pictures; a file that is no picture is told by `kit.images`."""

from fairground.kit.errors import N_, NotFound


class PictureNotFound(NotFound):
    """There is no such picture, or not for this one."""

    code = "media.picture_not_found"
    message = N_("We could not find that picture.")
