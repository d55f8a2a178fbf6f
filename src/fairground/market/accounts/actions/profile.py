"""What a person may say about themselves: name and language."""

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.i18n.words import known
from fairground.market.accounts.errors import PersonNotFound
from fairground.market.accounts.model import AccountRules, Person, PersonId, read_name
from fairground.market.accounts.queries import get_person


async def change_profile(
    tx: Tx, person_id: PersonId, *, name: str | None = None, language: str | None = None
) -> Person:
    """Change name, language, or both; what is None stays.

    Raises:
        Invalid: names each wrong field.
        PersonNotFound
    """
    rules, findings = tx.given(AccountRules), Findings()
    good_name = None if name is None else read_name(name, rules.name_most)
    findings.check(
        name is None or good_name is not None,
        "/name",
        "accounts.name_wrong",
        N_("A name has 1 to %(most)d characters, in one line."),
        most=rules.name_most,
    )
    findings.check(
        language is None or known(language) is not None,
        "/language",
        "accounts.language_unknown",
        N_("We do not speak this language yet."),
    )
    findings.raise_any()
    changed = await tx.execute(
        """
        update accounts.people set name = coalesce($3, name), language = coalesce($4, language)
         where bucket = $1 and id = $2 and closed_at is null
        """,
        person_id.bucket,
        person_id,
        good_name,
        language,
    )
    if not changed:
        raise PersonNotFound
    return await get_person(tx, person_id)
