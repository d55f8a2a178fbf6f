"""A post fails at each of its statements and leaves nothing."""

import pytest

from fairground.kit.db import Database
from tests.support.ledger import assert_ledger_clean, gateway, held, move, post_now, standing
from tests.support.statements import StatementFailed, fail_at


@pytest.mark.parametrize("n", range(3))
async def test_a_post_that_fails_at_any_statement_moves_nothing(db: Database, n: int) -> None:
    await post_now(db, move("a", gateway(), held(), 100))
    with pytest.raises(StatementFailed), fail_at(n):
        await post_now(db, move("b", gateway(), held(), 5), move("c", gateway(8), held(8), 5))
    assert (await standing(db, held()), await standing(db, held(8))) == (100, 0)
    await assert_ledger_clean(db)
    await post_now(db, move("b", gateway(), held(), 5), move("c", gateway(8), held(8), 5))
    assert (await standing(db, held()), await standing(db, held(8))) == (105, 5)
