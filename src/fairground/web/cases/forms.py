"""What forms of cases send: pictures into the storage, amounts, answers into deeds."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Request

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, NotFound, Trouble, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import form_of, read_files
from fairground.kit.i18n.words import gettext
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.money import parse_major
from fairground.kit.storage import Storage
from fairground.market.aftersale.actions.answers import Said, add_evidence, answer_case
from fairground.market.aftersale.model import AftersaleRules, Answer, Case, CaseId, CaseKind, Revision
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import StoredPicture
from fairground.web.told import Told, tell_fields

OwnCase: TypeAlias = Callable[[Reader], Awaitable[Case]]
"""Finds the case for who asks, or finds nothing: a page answers only for what it shows."""

# What is said after an answer was given.
SAID: Final = {
    Answer.AGREE: N_("The buyer is told that you agree."),
    Answer.REFUSE: N_("The buyer is told why."),
    Answer.REVISE: N_("The shop is asked again."),
    Answer.WITHDRAW: N_("Taken back. The order goes on."),
    Answer.RETURN_SHIPPED: N_("The shop is told, and its clock runs."),
    Answer.RETURN_RECEIVED: N_("Thank you. The buyer is told."),
    Answer.RETURN_REFUSED: N_("The buyer is told what you found."),
    Answer.REPLACEMENT_SENT: N_("The buyer is told that another one is on its way."),
    Answer.ESCALATE: N_("The market looks at it now. You may add words and pictures."),
}


class AnswerForm(msgspec.Struct):
    """One answer; which fields count depends on it."""

    answer: str = ""
    words: str = ""
    kind: str = ""
    amount: str = ""
    carrier: str = ""
    tracking_number: str = ""
    idempotency_key: str = ""


async def store_pictures(
    request: Request[Any, Any, Any], db: Database, storage: Storage, owner_id: Id
) -> list[StoredPicture]:
    """Put the pictures of a form into the storage, before the transaction; those that get no row are swept away.

    Raises:
        Invalid: too many, or one is no picture (`/pictures`).
    """
    most = db.given(AftersaleRules).pictures_most
    files = await read_files(request, "pictures", at_most=99)
    if len(files) > most:
        raise invalid("/pictures", "too_many", N_("At most %(most)d pictures."), most=most)
    stored = []
    for _, data in files:
        try:
            stored.append(await store_picture(storage, owner_id, data, db.clock.now()))
        except PictureTrouble as trouble:
            raise invalid("/pictures", trouble.code, trouble.message, **trouble.params) from trouble
    return stored


async def keep_pictures(tx: Tx, owner_id: Id, stored: list[StoredPicture]) -> tuple[Id, ...]:
    """Write the rows of stored pictures: private, seen by the two sides of the case and the market."""
    return tuple([await add_picture(tx, owner_id, picture, is_public=False) for picture in stored])


def amount_of(text: str, currency: str) -> int | None:
    """Read an amount as people write it; None for an empty field.

    Raises:
        Invalid: it is none (`/amount`).
    """
    if not text.strip():
        return None
    found = parse_major(text, currency)
    if found is None or found.amount <= 0:
        raise invalid("/amount", "range", N_("An amount above zero, please."))
    return found.amount


async def answer_by_form(db: Database, caller: Caller, case_id: CaseId, form: AnswerForm, own: OwnCase) -> str:
    """Give the answer of a form, once however often it is sent; gives what to say about it.

    Raises:
        NotFound: there is no such answer, or the case is somebody else's.
        Invalid, Conflict: it does not fit.
    """
    answer = next((one for one in Answer if one.value == form.answer), None)
    if answer is None:
        raise NotFound
    person_id = caller.need_person()

    async def write(tx: Tx) -> None:
        case, key = await own(tx), check_key(form.idempotency_key or None)

        async def deed() -> tuple[int, Any]:
            await answer_case(tx, case_id, answer, _said(form), _revision(form, case))
            return 200, {}

        await once(tx, person_id, key, fingerprint("page answer", str(case_id), form), deed)

    await db.write(caller.actor, write)
    return gettext(SAID[answer])


def _said(form: AnswerForm) -> Said:
    return Said(form.words, (), form.carrier or None, form.tracking_number or None)


def _revision(form: AnswerForm, case: Case) -> Revision | None:
    if form.answer != Answer.REVISE:
        return None
    kind = next((one for one in CaseKind if one.value == form.kind), None)
    if kind is None:
        raise invalid("/kind", "required", N_("Please choose one."))
    return Revision(kind=kind, amount=amount_of(form.amount, case.currency), words=form.words)


async def add_to_case(
    request: Request[Any, Any, Any], db: Database, storage: Storage, caller: Caller, case_id: CaseId, own: OwnCase
) -> str:
    """Add words and pictures to a case; gives the words that were typed.

    Raises:
        NotFound: the case is somebody else's, whatever is sent with it.
        Invalid, Conflict: it does not fit.
    """
    person_id = caller.need_person()
    await db.read(own)
    words = str((await form_of(request)).get("evidence-words") or "")
    stored = await store_pictures(request, db, storage, person_id)

    async def write(tx: Tx) -> None:
        await own(tx)
        await add_evidence(tx, case_id, words, await keep_pictures(tx, person_id, stored))

    await db.write(caller.actor, write)
    return gettext("Added. The other side sees it too.")


def tell(trouble: Trouble, answer: str) -> Told:
    """Tell what was wrong beside the fields of the answer it belongs to."""
    told = tell_fields(trouble)
    return Told({_field(name, answer): words for name, words in told.all})


def _field(name: str, answer: str) -> str:
    if name != "words":
        return name
    return f"words-{answer}" if answer else "evidence-words"
