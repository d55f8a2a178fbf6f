"""Who gets what: greedily, in order of arrival, all or nothing for each claim."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fairground.kit.ids import Id
from fairground.market.inventory.model import Allotted, Claim, Missing, Refused, Taken


def allot(on_hand: Mapping[Id, int | None], claims: Sequence[Claim]) -> list[Allotted]:
    """Decide over claims in the order given; a refused claim leaves its pieces to the next.

    `on_hand` maps a variant to its free pieces, or to None where they are not counted; one that is
    missing there has none.
    """
    left = dict(on_hand)
    answers: list[Allotted] = []
    for claim in claims:
        wanted = wanted_of(claim)
        missing = [
            Missing(variant_id, quantity, free)
            for variant_id, quantity in wanted.items()
            if (free := left.get(variant_id, 0)) is not None and free < quantity
        ]
        if missing:
            answers.append(Refused(claim.claim_id, tuple(missing)))
            continue
        for variant_id, quantity in wanted.items():
            free = left[variant_id]
            if free is not None:
                left[variant_id] = free - quantity
        answers.append(Taken(claim.claim_id))
    return answers


def wanted_of(claim: Claim) -> dict[Id, int]:
    """Add up what a claim wants of each variant: it may name one on several lines."""
    wanted: Counter[Id] = Counter()
    for variant_id, quantity in claim.lines:
        assert quantity > 0, f"claim {claim.claim_id} wants {quantity} of {variant_id}"
        wanted[variant_id] += quantity
    return dict(wanted)


def variants_of(claims: Iterable[Claim]) -> list[Id]:
    """Name the variants of all claims once, in the order in which their rows are locked."""
    return in_lock_order(variant_id for claim in claims for variant_id, _ in claim.lines)


def in_lock_order(variant_ids: Iterable[Id]) -> list[Id]:
    """Sort by (bucket, id), without doubles: the one order in which anybody locks stock."""
    return sorted({Id(variant_id) for variant_id in variant_ids}, key=lambda i: (i.bucket, i))
