"""Letters about somebody's account."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind, Receiver

_ACCOUNT: Final = N_("About the safety of your account")

OF_ACCOUNTS: Final = (
    Kind(
        name="accounts.welcome",
        label=_ACCOUNT,
        subject=N_("Welcome to %(market)s: please confirm your e-mail address"),
        text=N_("It is good to have you. Please press the button, so that we know that this address is yours."),
        button=N_("Confirm my e-mail address"),
        on_site=False,
        is_security=True,
        receiver=Receiver.LINK,
        page="/account/verify",
    ),
    Kind(
        name="accounts.verify",
        label=_ACCOUNT,
        subject=N_("Please confirm your e-mail address"),
        text=N_("Please press the button, so that we know that this address is yours."),
        button=N_("Confirm my e-mail address"),
        on_site=False,
        is_security=True,
        receiver=Receiver.LINK,
        page="/account/verify",
    ),
    Kind(
        name="accounts.reset",
        label=_ACCOUNT,
        subject=N_("Choose a new password"),
        text=N_("Somebody, most likely you, asked for a new password. If it was not you, simply do nothing."),
        button=N_("Choose a new password"),
        on_site=False,
        is_security=True,
        receiver=Receiver.LINK,
        page="/reset",
    ),
    Kind(
        name="accounts.email_confirm",
        label=_ACCOUNT,
        subject=N_("Please confirm your new e-mail address"),
        text=N_("You want to use this address at %(market)s from now on. Please press the button to confirm it."),
        button=N_("Use this address"),
        on_site=False,
        is_security=True,
        receiver=Receiver.LINK,
        page="/account/email",
    ),
    Kind(
        name="accounts.email_change_asked",
        label=_ACCOUNT,
        subject=N_("Another e-mail address was asked for"),
        text=N_(
            "Somebody, most likely you, wants to use another e-mail address for your account. We have sent a "
            "letter there. If it was not you, please change your password now."
        ),
        button=N_("Look after my account"),
        is_security=True,
    ),
    Kind(
        name="accounts.email_changed",
        label=_ACCOUNT,
        subject=N_("Your e-mail address was changed"),
        text=N_("Your account uses another e-mail address from now on, and this one not any more."),
        button=N_("Look after my account"),
        on_site=False,
        is_security=True,
        receiver=Receiver.OLD,
    ),
    Kind(
        name="accounts.email_welcome",
        label=_ACCOUNT,
        subject=N_("Your e-mail address is a new one"),
        text=N_("Your account uses this new e-mail address from now on, and the old one not any more."),
        button=N_("Look after my account"),
        is_security=True,
    ),
    Kind(
        name="accounts.password_changed",
        label=_ACCOUNT,
        subject=N_("Your password was changed"),
        text=N_(
            "Your password is a new one, and all your other devices were signed out. If it was not you, please "
            "ask for a new password at once."
        ),
        button=N_("Look after my account"),
        is_security=True,
    ),
    Kind(
        name="accounts.suspended",
        label=_ACCOUNT,
        subject=N_("Your account is suspended for now"),
        text=N_(
            "You cannot sign in for now. The reason: %(reason)s Open orders go their way, your money and your data are "
            "safe. If you think this is a mistake, please answer this letter."
        ),
        is_security=True,
    ),
    Kind(
        name="accounts.suspended_until",
        label=_ACCOUNT,
        subject=N_("Your account is suspended for now"),
        text=N_(
            "You cannot sign in until %(until)s. The reason: %(reason)s Open orders go their way, your money and your "
            "data are safe. If you think this is a mistake, please answer this letter."
        ),
        is_security=True,
    ),
    Kind(
        name="accounts.suspension_lifted",
        label=_ACCOUNT,
        subject=N_("You may come in again"),
        text=N_("Your account is open again, and your shop, if you have one, sells again. Welcome back."),
        button=N_("Sign in"),
        is_security=True,
    ),
    Kind(
        name="accounts.new_device",
        label=_ACCOUNT,
        subject=N_("Somebody signed in from a new device"),
        text=N_(
            "%(at)s: a sign-in with %(device)s, which we have not seen before. If it was not you, please sign "
            "that device out and change your password."
        ),
        button=N_("Look after my account"),
        is_security=True,
    ),
)
