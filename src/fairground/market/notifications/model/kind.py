"""What makes a kind of letter."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from fairground.kit.errors import N_
from fairground.kit.money import Money


class Receiver(StrEnum):
    """Whose e-mail address a letter goes to: the person's own, or one of those a link of `accounts` knows."""

    PERSON = "person"
    LINK = "link"
    OLD = "old"


Param: TypeAlias = str | int | Money | datetime
"""What a text may be filled with; amounts and moments are written in the reader's language."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of letter. Texts are msgids with `%(name)s` for params; `%(market)s` is always there.

    To add one: put it beside its like (`of_accounts`, `of_buyers`, `of_shops`), give its Chinese in
    `notifications.po`, call `notify` with its name.
    """

    name: str  # "room.what_happened", stable
    label: str  # in the list of what somebody wants by mail
    subject: str
    text: str
    button: str = N_("Have a look")  # on the link, where there is one
    on_site: bool = True
    by_mail: bool = True  # unless the person says otherwise
    gathers: bool = False  # its mails wait a few minutes for company and come as one
    is_security: bool = False  # always by mail, cannot be stopped
    receiver: Receiver = Receiver.PERSON
    page: str | None = None  # where the signed token of the link named by the param `link_id` leads
