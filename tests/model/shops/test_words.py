"""What a shop may be called, and which business numbers are good."""

import pytest

from fairground.kit.errors import Findings, Invalid
from fairground.market.shops.business import check_number, number_kind
from fairground.market.shops.model import TRANSITIONS, Role, ShopDeed, ShopRules, ShopState
from fairground.market.shops.policy import may_manage_goods, may_manage_staff, may_see_money, may_ship
from fairground.market.shops.words import check_country, check_name, check_slug, suggest_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Lantern & Clay", "lantern-clay"),
        ("Café Noël", "cafe-noel"),
        ("Mei's Tea House", "meis-tea-house"),
        ("东山茶铺", "shop-x"),
        ("东山 Tea 铺", "tea"),
        ("API", "shop-x"),
        ("88", "shop-x"),
        ("a" * 80, "a" * 32),
    ],
)
def test_a_slug_is_suggested_from_the_name(name: str, slug: str) -> None:
    assert suggest_slug(name, "shop-x") == slug


@pytest.mark.parametrize(
    "slug", ["ab", "a" * 41, "Lantern Clay", "-clay", "clay--tea", "茶铺", "admin", "12345", "a_b", "a/b"]
)
def test_a_bad_slug_is_refused(slug: str) -> None:
    findings = Findings()
    check_slug(findings, slug, ShopRules())
    with pytest.raises(Invalid) as refusal:
        findings.raise_any()
    assert [e.pointer for e in refusal.value.errors] == ["/slug"]


@pytest.mark.parametrize("slug", ["tea", "lantern-clay", "88-tea", " Tea-House "])
def test_a_good_slug_passes(slug: str) -> None:
    findings = Findings()
    assert check_slug(findings, slug, ShopRules()) == slug.strip().lower()
    assert not findings


def test_a_name_loses_what_cannot_be_seen() -> None:
    findings = Findings()
    assert check_name(findings, "  Tea\u202e \u200bHouse\x00\n ", ShopRules()) == "Tea House"
    assert not findings
    check_name(findings, "\u200b\u200b", ShopRules())
    assert findings


@pytest.mark.parametrize(
    ("country", "good"), [("CN", True), ("de", True), ("EU", False), ("XX", False), ("China", False)]
)
def test_a_country_is_two_letters(country: str, good: bool) -> None:
    findings = Findings()
    check_country(findings, country)
    assert bool(findings) != good


@pytest.mark.parametrize(
    ("country", "number", "good"),
    [
        ("CN", "91110000600037341L", True),
        ("CN", "91110000600037342L", False),
        ("DE", "DE 136,695 976", True),
        ("DE", "136695978", False),
        ("FR", "FR 83 404 833 048", True),
        ("US", "04-2103594", True),
        ("HK", "12345678-000", True),
        ("HK", "<script>", False),
        ("GB", "GB 980780684", True),
        ("CN", "", False),
    ],
)
def test_business_numbers_follow_their_countries_rules(country: str, number: str, good: bool) -> None:
    findings = Findings()
    check_number(findings, country, number)
    assert bool(findings) != good


def test_the_kind_of_number_is_named() -> None:
    assert [number_kind(c) for c in ("CN", "DE", "US", "HK")] == ["cn.uscc", "de.vat", "us.ein", "register"]


def test_nothing_leaves_a_closed_shop() -> None:
    assert all(ShopState.CLOSED not in sources for sources, _ in TRANSITIONS.values())
    assert {target for _, target in TRANSITIONS.values()} == set(ShopState) - {ShopState.PENDING}
    assert set(TRANSITIONS) == set(ShopDeed)


def test_roles_may_what_their_names_say() -> None:
    assert [r for r in Role if may_manage_goods(r)] == [Role.OWNER, Role.MANAGER]
    assert [r for r in Role if may_ship(r)] == [Role.OWNER, Role.MANAGER, Role.CLERK]
    assert [r for r in Role if may_see_money(r)] == [Role.OWNER, Role.ACCOUNTANT]
    assert [r for r in Role if may_manage_staff(r)] == [Role.OWNER]
