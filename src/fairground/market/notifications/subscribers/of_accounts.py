"""What happens to an account is told to its person."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.errors import N_
from fairground.kit.events import Event, Subscriber
from fairground.kit.i18n.words import DEFAULT as DEFAULT_LANGUAGE
from fairground.kit.i18n.words import gettext, known, speaking
from fairground.market.accounts.errors import SessionNotFound
from fairground.market.accounts.events import (
    EmailChangeAsked,
    EmailChanged,
    EmailVerificationAsked,
    PasswordChanged,
    PasswordResetAsked,
    PersonClosed,
    PersonRegistered,
    PersonSuspended,
    SignedInFromNewDevice,
    SuspensionLifted,
)
from fairground.market.accounts.queries import get_person, get_session
from fairground.market.notifications.actions import forget_person, notify
from fairground.market.notifications.model import Param

SECURITY_PAGE = "/account/security"
UNKNOWN_DEVICE = N_("an unknown device")
_WITH_LINK: dict[type[Event], str] = {
    PersonRegistered: "accounts.welcome",
    EmailVerificationAsked: "accounts.verify",
    PasswordResetAsked: "accounts.reset",
}


async def send_account_link(tx: Tx, event: PersonRegistered | EmailVerificationAsked | PasswordResetAsked) -> None:
    """Send the letter with a link that was asked for."""
    await notify(tx, event.person_id, _WITH_LINK[type(event)], {"link_id": event.link_id})


async def tell_email_change(tx: Tx, event: EmailChangeAsked | EmailChanged) -> None:
    """Tell both addresses, first of the wish, then of the change."""
    link = {"link_id": event.link_id}
    if isinstance(event, EmailChangeAsked):
        await notify(tx, event.person_id, "accounts.email_confirm", {**link})
        await notify(tx, event.person_id, "accounts.email_change_asked", link=SECURITY_PAGE)
        return
    await notify(tx, event.person_id, "accounts.email_changed", {**link}, link=SECURITY_PAGE)
    await notify(tx, event.person_id, "accounts.email_welcome", link=SECURITY_PAGE)


async def tell_password_change(tx: Tx, event: PasswordChanged) -> None:
    """Tell that the password is a new one."""
    await notify(tx, event.person_id, "accounts.password_changed", link=SECURITY_PAGE)


async def tell_new_device(tx: Tx, event: SignedInFromNewDevice) -> None:
    """Tell of a sign-in from a device not seen before."""
    try:
        session = await get_session(tx, event.person_id, event.session_id)
    except SessionNotFound:  # the account was closed meanwhile
        return
    device = session.device
    if not device:
        person = await get_person(tx, event.person_id)
        with speaking(known(person.language) or DEFAULT_LANGUAGE):
            device = gettext(UNKNOWN_DEVICE)
    await notify(
        tx, event.person_id, "accounts.new_device", {"device": device, "at": session.created_at}, link=SECURITY_PAGE
    )


async def tell_suspension(tx: Tx, event: PersonSuspended | SuspensionLifted) -> None:
    """Tell why the desk keeps somebody out and until when, and that they may come in again."""
    if isinstance(event, SuspensionLifted):
        await notify(tx, event.person_id, "accounts.suspension_lifted", link="/sign-in")
        return
    suspension = (await get_person(tx, event.person_id)).suspension
    if suspension is None:  # lifted before the news came here
        return
    if suspension.until is None:
        await notify(tx, event.person_id, "accounts.suspended", {"reason": suspension.reason})
        return
    params: dict[str, Param] = {"reason": suspension.reason, "until": suspension.until}
    await notify(tx, event.person_id, "accounts.suspended_until", params)


async def forget_closed(tx: Tx, event: PersonClosed) -> None:
    """Forget the letters of somebody who left."""
    await forget_person(tx, event.person_id)


OF_ACCOUNTS: Final = (
    Subscriber("notifications.send_account_links", tuple(_WITH_LINK), send_account_link),
    Subscriber("notifications.tell_email_change", (EmailChangeAsked, EmailChanged), tell_email_change),
    Subscriber("notifications.tell_password_change", (PasswordChanged,), tell_password_change),
    Subscriber("notifications.tell_new_device", (SignedInFromNewDevice,), tell_new_device),
    Subscriber("notifications.tell_suspension", (PersonSuspended, SuspensionLifted), tell_suspension),
    Subscriber("notifications.forget_person", (PersonClosed,), forget_closed),
)
