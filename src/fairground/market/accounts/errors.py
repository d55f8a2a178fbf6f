"""What can go wrong with people."""

from fairground.kit.errors import N_, Conflict, FieldError, Invalid, NotAllowed, NotFound, NotSignedIn, TooMany


class PersonNotFound(NotFound):
    """There is no such person, or the account is closed."""

    code = "accounts.person_not_found"
    message = N_("We could not find that person.")


class AddressNotFound(NotFound):
    """There is no such address for this person."""

    code = "accounts.address_not_found"
    message = N_("We could not find that address.")


class SessionNotFound(NotFound):
    """There is no such open session for this person."""

    code = "accounts.session_not_found"
    message = N_("We could not find that sign-in.")


class EmailTaken(Conflict):
    """The e-mail address belongs to somebody already."""

    code = "accounts.email_taken"
    message = N_("There is an account with this e-mail address already.")


class SignInRefused(NotSignedIn):
    """E-mail address and password do not belong together; does not tell which is wrong."""

    code = "accounts.sign_in_refused"
    message = N_("This e-mail address and password do not belong together.")


class AccountSuspended(NotAllowed):
    """The desk keeps this person out; `reason` in its words, `how_long` says until when, if an end was named."""

    code = "accounts.suspended"
    message = N_(
        "Your account is suspended %(how_long)s. The reason: %(reason)s Your orders, your money and your data are "
        "safe. If you think this is a mistake, please answer the letter that we have sent you."
    )


class SuspendedAlready(Conflict):
    """The person is suspended already."""

    code = "accounts.suspended_already"
    message = N_("This person is suspended already.")


class NotSuspended(Conflict):
    """The person is not suspended, or not any more."""

    code = "accounts.not_suspended"
    message = N_("This person is not suspended.")


class StaffFirst(Conflict):
    """Somebody who works at the desk cannot be suspended before the role is taken."""

    code = "accounts.staff_first"
    message = N_("This person works at the desk. Take the role away first.")


class PasswordWrong(Invalid):
    """The password given again is not the person's; `pointer` is where it stood in the body."""

    code = "accounts.password_wrong"
    message = N_("That is not your password.")

    def __init__(self, pointer: str = "/password") -> None:
        super().__init__(FieldError(pointer, self.code, self.message))


class LinkNotGood(Invalid):
    """The link was used, has expired, was replaced by a newer one, or is none of ours."""

    code = "accounts.link_not_good"
    message = N_("This link is not good any more. Please ask for a new one.")

    def __init__(self) -> None:
        super().__init__(FieldError("/token", self.code, self.message))


class TooManyTries(TooMany):
    """Too many tries from one network address or for one e-mail address."""

    code = "accounts.too_many_tries"
    message = N_("Too many tries. Please wait %(retry_after)d seconds and try again.")


class TooManyAddresses(Conflict):
    """The address book is full; `limit` addresses."""

    code = "accounts.too_many_addresses"
    message = N_("Your address book is full: it holds %(limit)d addresses.")


class SomethingOpen(Conflict):
    """The account cannot be closed while something is open; `hindrances` in words."""

    code = "accounts.something_open"
    message = N_("Your account cannot be closed yet: %(hindrances)s")


class StaffOnly(NotAllowed):
    """Only an operator of the market may do this."""

    code = "accounts.staff_only"
    message = N_("Only an operator of the market may do that.")
