"""The sandbox's cashier page: plain HTML, no script, in the market's own stylesheet."""

from html import escape

from fairground.adapters.sandbox.bank import Intent
from fairground.adapters.sandbox.config import SandboxConfig
from fairground.kit.i18n.formats import money
from fairground.kit.i18n.words import gettext as _
from fairground.kit.i18n.words import language


def write_cashier_page(config: SandboxConfig, intent: Intent, action: str) -> str:
    """Write the page of one payment; `action` is where its buttons lead."""
    paid = intent.state == "paid"
    said = {
        "open": _("Choose how this payment should end."),
        "failed": _("The last try failed. You can try again."),
        "paid": _("This payment is done."),
    }[intent.state]
    buttons = (
        f'<a class="btn main wide" href="{escape(intent.return_url)}">{_("Back to the market")}</a>'
        if paid
        else f'<form method="post" action="{escape(action)}" class="stack">'
        f'<button class="btn main wide" name="outcome" value="paid">{_("Pay")}</button>'
        f'<button class="btn wide" name="outcome" value="failed">{_("Let it fail")}</button>'
        f"</form>"
        f'<p><a class="link" href="{escape(intent.return_url)}">{_("Back without paying")}</a></p>'
    )
    return _page(
        config,
        _("Sandbox cashier"),
        f'<section class="panel"><div class="stack">'
        f'<p><span class="muted">{_("To pay")}</span><br><b class="price big">{escape(money(intent.money))}</b></p>'
        f'<p role="status">{said}</p>{buttons}'
        f'<p class="small muted">{_("This is a sandbox: no real money moves.")}</p></div></section>',
    )


def write_missing_page(config: SandboxConfig) -> str:
    """Write the page for a payment nobody knows."""
    return _page(config, _("Sandbox cashier"), f"<p>{_('The sandbox knows no such payment.')}</p>")


def _page(config: SandboxConfig, title: str, body: str) -> str:
    sheets = "".join(f'<link rel="stylesheet" href="{escape(address)}">' for address in config.stylesheets)
    icon = f'<link rel="icon" href="{escape(config.icon)}">' if config.icon else ""
    return (
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title>{sheets}{icon}</head>"
        f'<body><main class="wrap plain-main"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )
