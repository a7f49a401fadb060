"""The studios' API: the pages' own operations and policies; refusals as problem+json; another unit's id is not found."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from foundation.database import fetchval
from tests.studios.upkeep.world import at

TODAY = date(2026, 11, 23)
HOME = "/api/v1/studios"


async def test_a_contact_reads_its_own_studio_and_no_other(house, world, browse):
    own, other = await world.studio(), await world.studio("yi")
    li = await browse(await house.person("li", "enterprise_contact", at="jia"))
    listed = (await li.get(HOME)).json()
    assert [one["id"] for one in listed["studios"]] == [str(own)]
    assert (listed["total"], listed["page"], listed["pages"]) == (1, 1, 1)
    shown = (await li.get(f"{HOME}/{own}")).json()
    assert (shown["id"], shown["stage"], shown["figures"]) == (str(own), "active", {})
    for path in ("", "/outputs", "/apprenticeships", "/funds"):
        answer = await li.get(f"{HOME}/{other}{path}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_the_register_is_searched_filtered_and_paged(house, world, browse):
    studios = {str(await world.studio()), str(await world.studio("yi"))}
    zhou = await browse(await house.person("zhou", "city_officer", at="city"))
    assert {one["id"] for one in (await zhou.get(HOME)).json()["studios"]} == studios
    first, second = [(await zhou.get(f"{HOME}?size=1&page={page}")).json() for page in (1, 2)]
    assert (first["total"], first["pages"]) == (2, 2)
    assert {first["studios"][0]["id"], second["studios"][0]["id"]} == studios
    assert (await zhou.get(f"{HOME}?stage=rectifying")).json()["studios"] == []
    assert (await zhou.get(f"{HOME}?q=查无此室")).json()["total"] == 0


async def test_an_output_is_counted_once_also_by_the_api(house, world, browse):
    studio, other = await world.studio(), await world.studio("yi")
    li = await browse(await house.person("li", "enterprise_contact", at="jia"))
    chen = await browse(await house.person("chen", "county_officer", at="xuanzhou"))
    claim = {"kind": "benefit", "title": "节约焊材", "achieved_on": "2026-03-01", "wan_yuan": "12.50"}
    async with at(TODAY):
        [made] = (await li.send_json("POST", f"{HOME}/{studio}/outputs", claim)).json()
        assert (made["year"], made["wan_yuan"], made["stage"], made["version"]) == (2026, "12.5", "claimed", 1)
        again = await li.send_json("POST", f"{HOME}/{studio}/outputs", claim)
        assert again.status_code == 422
        assert again.headers["content-type"].startswith("application/problem+json")
        assert "output_counted" in again.text
        decision = {"confirm": True, "version": 1}
        assert (
            await li.send_json("POST", f"{HOME}/{studio}/outputs/{made['id']}/decision", decision)
        ).status_code == 403
        elsewhere = await chen.send_json("POST", f"{HOME}/{other}/outputs/{made['id']}/decision", decision)
        assert elsewhere.status_code == 404
        [confirmed] = (await chen.send_json("POST", f"{HOME}/{studio}/outputs/{made['id']}/decision", decision)).json()
    assert (confirmed["stage"], confirmed["version"]) == ("confirmed", 2)


async def test_money_is_approved_paid_spent_and_given_back(house, world, browse):
    """T4: 50,000 yuan in tranches of 60 and 40 percent, as the world's rules say; never over what lies there."""
    studio = await world.studio()
    zhou = await browse(await house.person("zhou", "city_officer", at="city"))
    li = await browse(await house.person("li", "enterprise_contact", at="jia"))
    year = await fetchval("SELECT extract(year FROM named_on)::int FROM studio WHERE id = $1", studio)
    here = f"{HOME}/{studio}"
    async with at(TODAY):
        order = {"kind": "named", "year": year, "document_number": "示例〔2026〕1号"}
        assert (await li.send_json("POST", f"{here}/funds", order)).status_code == 403
        [money] = (await zhou.send_json("POST", f"{here}/funds", order)).json()
        assert [(one["percent"], one["fen"]) for one in money["tranches"]] == [(60, 3_000_000), (40, 2_000_000)]
        assert (await zhou.send_json("POST", f"{here}/funds", order)).status_code == 409
        first = money["tranches"][0]["id"]
        payment = {"reference": "P-1", "paid_on": TODAY.isoformat()}
        assert (await zhou.send_json("POST", f"{here}/tranches/{uuid4()}/payment", payment)).status_code == 404
        assert (await zhou.send_json("POST", f"{here}/tranches/{first}/payment", payment)).status_code == 200
        voucher = {"number": "V-1", "yuan": "30000.01", "spent_on": TODAY.isoformat(), "purpose": "耗材"}
        vouchers = f"{here}/funds/{money['id']}/vouchers"
        over = await li.send_json("POST", vouchers, voucher)
        assert over.status_code == 422
        assert "over_balance" in over.text
        assert (await li.send_json("POST", vouchers, voucher | {"yuan": "29000"})).status_code == 201
        back = {"reference": "R-1", "yuan": "1000", "returned_on": TODAY.isoformat()}
        [account] = (await zhou.send_json("POST", f"{here}/funds/{money['id']}/returns", back)).json()
    told = {name: account[name] for name in ("fen", "paid", "spent", "returned", "balance")}
    assert told == {"fen": 5_000_000, "paid": 3_000_000, "spent": 2_900_000, "returned": 100_000, "balance": 0}
    table = (await zhou.get("/api/v1/studio-funds")).json()
    assert [one["id"] for one in table["subsidies"]] == [money["id"]]


async def test_an_unknown_act_is_not_found(house, world, browse):
    studio = await world.studio()
    zhou = await browse(await house.person("zhou", "city_officer", at="city"))
    assert (await zhou.send_json("POST", f"{HOME}/{studio}/acts/promotion", {})).status_code == 404
