"""What shops announce."""

from fairground.kit.events import Event
from fairground.market.accounts.model import PersonId
from fairground.market.shops.model import ApplicationId, ApplicationKind, Role, ShopId


class _OfShop(Event, frozen=True, kw_only=True):
    shop_id: ShopId

    @property
    def subject(self) -> ShopId:
        """The shop."""
        return self.shop_id


class ShopOpened(_OfShop, frozen=True, kw_only=True):
    """A new shop may sell: at once, or after the desk approved."""


class ShopChanged(_OfShop, frozen=True, kw_only=True):
    """Name, face, language or return address changed."""


class ShopWentOnHoliday(_OfShop, frozen=True, kw_only=True):
    """The shop sells nothing for a while."""


class ShopCameBack(_OfShop, frozen=True, kw_only=True):
    """The holiday is over."""


class ShopSuspended(_OfShop, frozen=True, kw_only=True):
    """The desk has stopped the shop from selling."""


class ShopReopened(_OfShop, frozen=True, kw_only=True):
    """The desk lets a suspended shop sell again."""


class ShopWasClosed(_OfShop, frozen=True, kw_only=True):
    """The shop is gone for good."""


class ApplicationMade(_OfShop, frozen=True, kw_only=True):
    """A shop asks the desk for approval or for the mall badge."""

    application_id: ApplicationId
    kind: ApplicationKind


class ApplicationRefused(_OfShop, frozen=True, kw_only=True):
    """The desk said no, with its reason."""

    application_id: ApplicationId
    kind: ApplicationKind


class MallBadgeGranted(_OfShop, frozen=True, kw_only=True):
    """The shop's business was checked."""


class MallBadgeWithdrawn(_OfShop, frozen=True, kw_only=True):
    """The desk took the badge back."""


class StaffInvited(_OfShop, frozen=True, kw_only=True):
    """Somebody was asked to work in the shop."""

    person_id: PersonId
    role: Role


class StaffJoined(_OfShop, frozen=True, kw_only=True):
    """Somebody began to work in the shop."""

    person_id: PersonId
    role: Role


class StaffLeft(_OfShop, frozen=True, kw_only=True):
    """Somebody does not work in the shop any more, or did not take the invitation."""

    person_id: PersonId
