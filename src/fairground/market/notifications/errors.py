"""What can go wrong with letters."""

from fairground.kit.errors import N_, FieldError, Invalid, NotFound


class LetterNotFound(NotFound):
    """There is no such letter for this person."""

    code = "notifications.letter_not_found"
    message = N_("We could not find that letter.")


class KindUnknown(NotFound):
    """There is no such kind of letter, or it cannot be stopped."""

    code = "notifications.kind_unknown"
    message = N_("There is no such kind of letter.")


class StopLinkNotGood(Invalid):
    """The link to stop a kind of letter is none of ours."""

    code = "notifications.stop_link_not_good"
    message = N_("This link is not good any more. You can choose your letters in your account.")

    def __init__(self) -> None:
        super().__init__(FieldError("/token", self.code, self.message))
