"""What happens to people, as others may hear it."""

from fairground.kit.events import Event
from fairground.market.accounts.model import LinkId, PersonId, SessionId


class _OfPerson(Event, frozen=True, kw_only=True):
    person_id: PersonId

    @property
    def subject(self) -> PersonId:
        """The person."""
        return self.person_id


class PersonRegistered(_OfPerson, frozen=True, kw_only=True):
    """Somebody registered; the link confirms the e-mail address."""

    link_id: LinkId


class EmailVerificationAsked(_OfPerson, frozen=True, kw_only=True):
    """Somebody asked again for the link that confirms the e-mail address."""

    link_id: LinkId


class EmailVerified(_OfPerson, frozen=True, kw_only=True):
    """An e-mail address was confirmed."""


class EmailChangeAsked(_OfPerson, frozen=True, kw_only=True):
    """Somebody wants another e-mail address; the link, sent to the new one, confirms it."""

    link_id: LinkId


class EmailChanged(_OfPerson, frozen=True, kw_only=True):
    """The e-mail address was changed; the link knows both."""

    link_id: LinkId


class PasswordResetAsked(_OfPerson, frozen=True, kw_only=True):
    """Somebody forgot the password; the link lets them choose a new one."""

    link_id: LinkId


class PasswordChanged(_OfPerson, frozen=True, kw_only=True):
    """The password was changed or reset."""


class SignedInFromNewDevice(_OfPerson, frozen=True, kw_only=True):
    """Somebody signed in from a device not seen before, and it was not the first."""

    session_id: SessionId


class PersonSuspended(_OfPerson, frozen=True, kw_only=True):
    """The desk keeps somebody out; the reason and the end stand with the person."""


class SuspensionLifted(_OfPerson, frozen=True, kw_only=True):
    """Somebody may come in again."""


class PersonClosed(_OfPerson, frozen=True, kw_only=True):
    """An account was closed; what others keep of the person beside the books is to go."""
