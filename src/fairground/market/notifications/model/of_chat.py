"""Letters to who is away while somebody writes to them: one for each spell, never the words themselves."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

OF_CHAT: Final = (
    Kind(
        name="buyers.messages_wait",
        label=N_("Somebody has written to you"),
        subject=N_("%(shop)s has written to you"),
        text=N_("A message waits for you. We write only once until you have read it."),
        button=N_("Read and answer"),
        on_site=False,
    ),
    Kind(
        name="shops.messages_wait",
        label=N_("A buyer has written to your shop"),
        subject=N_("%(shop)s: a buyer waits for an answer"),
        text=N_("A message waits for your shop. We write only once until somebody has read it."),
        button=N_("Read and answer"),
        on_site=False,
    ),
)
