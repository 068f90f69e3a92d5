"""The table of plants: what is shipped is whole, and a co-op's own is either right or refused at start."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from namjai.chat.content import LANGUAGES
from namjai.chat.domain.messages import LABEL_GRAPHEMES_MAX, graphemes
from namjai.chat.skills.pictures.mixing import mixing
from namjai.chat.skills.pictures.plants import BadPlants, Plants, read, shipped

HEAD = (
    "plant,plant_th,plant_en,plant_zh-TW,disease,disease_th,disease_en,disease_zh-TW,stage,"
    "advice_th,advice_en,advice_zh-TW,product_th,product_en,product_zh-TW,verified,source"
)
RUST = (
    "corn,ข้าวโพด,Corn,玉米,rust,โรคราสนิม,Rust,銹病,,"
    "พ่นเช้า,Spray in the morning,早上噴,ยา ก,Product A,甲藥,yes,Dr. Somying"
)
ANY = "corn,ข้าวโพด,Corn,玉米,,,,,,ดูแลทั่วไป,Look after it,一般照顧,,,,no,"
CSV = f"{HEAD}\n{RUST}\n{ANY}\n"


def test_what_is_shipped_is_whole_and_claims_no_more_than_it_has() -> None:
    table = shipped()
    assert {"rice", "cassava", "durian", "chili", "mango"} == set(table.plants)
    assert "kratom" not in table.listed.lower()
    for name, plant in table.plants.items():
        for disease in plant.diseases:
            assert table.row(name, disease, None) is not None
    assert not any(row.verified or row.product for row in table.advice)


def test_every_name_that_goes_on_a_button_fits_it() -> None:
    plants = shipped().plants.values()
    names = [plant.names for plant in plants] + [stage.names for plant in plants for stage in plant.stages.values()]
    names += [substance.names for substance in mixing().substances.values()]
    assert [said for each in names for said in each.values() if graphemes(said) > LABEL_GRAPHEMES_MAX] == []


def test_a_spreadsheet_becomes_a_table(tmp_path: Path) -> None:
    file = tmp_path / "plants.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    table = read(file)
    row = table.row("corn", "rust", None)
    assert row is not None
    assert (row.product["en"], row.verified, row.source) == ("Product A", True, "Dr. Somying")
    assert table.plant_in("ข้าวโพด") == "corn"
    other = table.row("corn", None, None)
    assert other is not None
    assert other.advice["en"] == "Look after it"


def test_yaml_is_read_as_the_shipped_one_is(tmp_path: Path) -> None:
    file = tmp_path / "plants.yaml"
    file.write_bytes(msgspec.yaml.encode(msgspec.to_builtins(shipped())))
    assert read(file).plants.keys() == shipped().plants.keys()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "0 plants"),
        (CSV.replace("Spray in the morning", ""), "has no words in en"),
        (CSV.replace("corn,ข้าวโพด", ",ข้าวโพด"), "names no plant"),
        (CSV.replace("corn", "Corn!"), "corn.csv"),
        (CSV.replace("Product A", ""), "product for corn, rust has no words in en"),
    ],
)
def test_a_table_with_a_gap_is_refused_with_the_reason(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "corn.csv"
    file.write_text(text)
    with pytest.raises(BadPlants, match=problem):
        read(file)


@pytest.mark.parametrize(
    "text", ["plants: 3", "{", "plants: {}\nadvice: []\ngeneral: {th: ก, en: a, zh-TW: 甲}", "\x00"]
)
def test_yaml_that_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plants.yaml"
    file.write_text(text)
    with pytest.raises(BadPlants):
        read(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPlants):
        read(tmp_path / "no.yaml")


def test_words_mean_a_plant_only_where_they_mean_one() -> None:
    table: Plants = shipped()
    assert table.plant_in("my rice field") == "rice"
    assert table.plant_in("rice and mango") is None
    assert table.plant_in("price") is None
    assert table.plant_in("") is None
    assert all(table.plant_in(plant.names[each]) == name for name, plant in table.plants.items() for each in LANGUAGES)
