"""Scripts that the default tokeniser cannot split are named, with a tokeniser that would do."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from d2vbench.corpora import load_cards
from d2vbench.corpora.pairs.own import Layout, own_pair
from d2vbench.corpora.pairs.scripts import unsplittable
from d2vbench.corpora.store.tokenise import Tokeniser
from d2vbench.errors import UserError

CHINESE = ["我们今天去公园看动物", "老师", "在学校里教", "孩子们读书写字"]
JAPANESE = ["私たちは今日公園で動物を見ます", "先生は", "学校で子どもに教えます"]
THAI = ["วันนี้เราไปสวนสาธารณะเพื่อดูสัตว์", "ครูสอนเด็กที่โรงเรียน"]
KHMER = ["ថ្ងៃនេះយើងទៅសួនច្បារដើម្បីមើលសត្វ"] * 2
HINDI = ["आज हम जानवरों को देखने के लिए पार्क जाते हैं और शिक्षक बच्चों को पढ़ाते हैं"]
VIETNAMESE = ["hôm nay chúng tôi đến công viên để xem các loài động vật và chơi"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (CHINESE, "the texts are in Chinese characters, without blanks between words, so that "
         "simple_preprocess takes whole clauses for words: give a tokeniser that splits them, such "
         "as tokenizer='jieba:lcut' (pip install jieba), or tokenizer='characters-2', which needs "
         "nothing"),
        (JAPANESE, "Japanese script, without blanks"),
        (JAPANESE, "tokenizer='nagisa:wakati' (pip install nagisa)"),
        (THAI, "Thai script, without blanks"),
        (THAI, "tokenizer='pythainlp:word_tokenize' (pip install pythainlp)"),
        (KHMER, "such as a function of yours as tokenizer, or tokenizer='characters-2'"),
        (HINDI, "the texts are in Devanagari script with vowels or accents as marks of their own, "
         "at which simple_preprocess cuts words apart: give tokenizer='letters', which keeps words "
         "whole"),
        ([unicodedata.normalize("NFD", t) for t in VIETNAMESE], "in Latin script with vowels or"),
    ],
)  # fmt: skip
def test_what_cannot_be_split(texts: list[str], said: str) -> None:
    found = unsplittable(texts)
    assert said in found
    assert "\n" not in found and ". " not in found


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Größe, naïve café"],
        VIETNAMESE,
        ["сегодня мы идём в парк смотреть на животных", "учитель"],
        ["오늘 우리는 공원에 가서 동물을 봅니다 선생님은 아이들을 가르칩니다"],
        ["اليوم نذهب الى الحديقة لمشاهدة الحيوانات والمعلم يعلم الاولاد"],
        # Somebody has split them already.
        ["我们 今天 去 公园 看 动物 老师 在 学校 里 教 孩子们 读书 写字"],
        # A quotation in an English text.
        ["The first line of the poem in Chinese is as follows, 我们今天去公园看动物, and so on."],
        ["我"],
    ],
)  # fmt: skip
def test_what_can(texts: list[str]) -> None:
    assert unsplittable(texts) == ""


def test_it_is_said_of_own_data_unless_a_tokeniser_is_given(tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("\n".join(CHINESE * 3))
    table = "text,label\n" + "".join(f"{text},{'ab'[i % 2]}\n" for i, text in enumerate(CHINESE))
    (tmp_path / "d.csv").write_text(table)
    paths = str(tmp_path / "g.txt"), str(tmp_path / "d.csv")
    with pytest.raises(UserError) as caught:
        own_pair(*paths, load_cards())
    assert str(caught.value).startswith(f"{paths[0]}: the texts are in Chinese characters")
    layout = Layout(tokeniser=Tokeniser(function="characters-2"))
    assert own_pair(*paths, load_cards(), layout)[0].name == "g+d"
