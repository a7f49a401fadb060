"""拼音: readings of single characters, of surnames and of the words in which an organisation's name is read otherwise.

The general reading of a character comes from pypinyin's character table (its first reading), loaded at first use and
remembered per character; pypinyin itself is never called for a name, which keeps 340,203 names a matter of seconds.
What differs in surnames and in organisations' names is stated here, in our own tables. Syllables are plain letters
with a tone digit 1 to 4, or 5 for none; ``ü`` is written ``v``.
"""

from __future__ import annotations

import unicodedata
from functools import cache

SEPARATORS = frozenset("·•‧・．.，,、－-—–_'’‘（）()《》〈〉“”\"【】[]/&　 \t\n")
"""Characters that names are written with or without: they never take part in a search."""

_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}

_SURNAME_SYLLABLES = (
    "单shan4 仇qiu2 解xie4 查zha1 区ou1 曾zeng1 翟zhai2 缪miao4 朴piao2 任ren2 华hua4 盖ge3 乐yue4 秘bi4 种chong2 "
    "重chong2 召shao4 那na1 纪ji3 折she2 员yun4 贠yun4 覃qin2 洗xian3 过guo1 宁ning4 隗wei3 郇xun2 "
    "佴nai4 乜nie4 尉wei4 繁po2 哈ha3 盛sheng4 燕yan1 句gou1 角jue2 祭zhai4 "
    "贾jia3 阚kan4 薄bo2 藏zang1 粘nian2 都du1 "
    "葛ge3 沈shen3 撒sa3 干gan1 於yu1 长chang2 行xing2 晟cheng2 卜bu3 "
    "适kuo4 相xiang4 父fu3 参shen1 能nai4"
)
_COMPOUND_SURNAMES = (
    "欧阳ou1yang2 太史tai4shi3 端木duan1mu4 上官shang4guan1 司马si1ma3 东方dong1fang1 独孤du2gu1 南宫nan2gong1 "
    "万俟mo4qi2 闻人wen2ren2 夏侯xia4hou2 诸葛zhu1ge3 尉迟yu4chi2 公羊gong1yang2 赫连he4lian2 澹台tan2tai2 "
    "皇甫huang2fu3 宗政zong1zheng4 濮阳pu2yang2 公冶gong1ye3 太叔tai4shu1 申屠shen1tu2 公孙gong1sun1 慕容mu4rong2 "
    "仲孙zhong4sun1 钟离zhong1li2 长孙zhang3sun1 宇文yu3wen2 司徒si1tu2 鲜于xian1yu2 司空si1kong1 闾丘lv2qiu1 "
    "子车zi3ju1 亓官qi2guan1 司寇si1kou4 巫马wu1ma3 公西gong1xi1 颛孙zhuan1sun1 壤驷rang3si4 公良gong1liang2 "
    "漆雕qi1diao1 乐正yue4zheng4 宰父zai3fu3 谷梁gu3liang2 拓跋tuo4ba2 夹谷jia2gu3 轩辕xuan1yuan2 令狐ling2hu2 "
    "段干duan4gan1 百里bai3li3 呼延hu1yan2 东郭dong1guo1 南门nan2men2 羊舌yang2she2 微生wei1sheng1 梁丘liang2qiu1 "
    "左丘zuo3qiu1 东门dong1men2 西门xi1men2 单于chan2yu2 第五di4wu3 淳于chun2yu2 叱干chi4gan1 纳兰na4lan2"
)
# Read otherwise in the names of organisations than a character's first reading would have it; longest match wins.
_ORGANISATION_WORDS = (
    "银行yin2hang2 商行shang1hang2 行业hang2ye4 车行che1hang2 重庆chong2qing4 长城chang2cheng2 长江chang2jiang1 "
    "长三角chang2san1jiao3 长途chang2tu2 朝阳chao2yang2 会计kuai4ji4 六安lu4an1 厦门xia4men2 大厦da4sha4 "
    "音乐yin1yue4 乐器yue4qi4 率先shuai4xian1 "
    "成长cheng2zhang3 重组chong2zu3 供给gong1ji3 给水ji3shui3 都市du1shi4 成都cheng2du1 "
    "空调kong1tiao2 校准jiao4zhun3 传记zhuan4ji4 参茸shen1rong2 "
    "出差chu1chai1 差旅chai1lv3 模具mu2ju4"
)
_DOUBTFUL = {
    "乐": "le4 yue4",
    "朝": "chao2 zhao1",
    "长": "chang2 zhang3",
    "茜": "qian4 xi1",
    "晟": "sheng4 cheng2",
    "重": "zhong4 chong2",
    "行": "xing2 hang2",
    "盛": "sheng4 cheng2",
    "曾": "zeng1 ceng2",
    "都": "du1 dou1",
    "宁": "ning2 ning4",
    "单": "dan1 shan4",
    "参": "can1 shen1",
    "藏": "cang2 zang4",
    "省": "sheng3 xing3",
    "沈": "shen3 chen2",
    "贾": "jia3 gu3",
    "覃": "tan2 qin2",
    "还": "huan2 hai2",
    "娜": "na4 nuo2",
    "莎": "sha1 suo1",
    "妃": "fei1 pei4",
    "俊": "jun4 juan4",
    "尉": "wei4 yu4",
}
"""Given-name characters with two living readings: a person may be sought by either."""


def _words(text: str) -> dict[str, tuple[str, ...]]:
    table = {}
    for entry in text.split():
        han = "".join(character for character in entry if character > "\u2e7f")
        syllables, current = [], ""
        for character in entry[len(han) :]:
            current += character
            if character.isdigit():
                syllables.append(current)
                current = ""
        table[han] = tuple(syllables)
    return table


SURNAMES: dict[str, tuple[str, ...]] = _words(_SURNAME_SYLLABLES) | _words(_COMPOUND_SURNAMES)
"""Surnames with a reading of their own, and all compound surnames (复姓) known here."""

ORGANISATION_WORDS: dict[str, tuple[str, ...]] = _words(_ORGANISATION_WORDS)
_WORD_LENGTHS = tuple(sorted({len(word) for word in ORGANISATION_WORDS}, reverse=True))


@cache
def reading(character: str) -> str:
    """The usual reading of one character, such as ``zhang1``; ``""`` where it has none that can be typed."""
    from pypinyin.pinyin_dict import pinyin_dict  # 0.1 s and 20 MB: only where a name is indexed

    if character in _DOUBTFUL:
        return _DOUBTFUL[character].split()[0]
    if character == "〇":
        return "ling2"
    for candidate in pinyin_dict.get(ord(character), "").split(","):
        plain = _plain(candidate)
        if plain:
            return plain
    return ""


@cache
def readings(character: str) -> tuple[str, ...]:
    """The usual reading first, then another that people use in given names (at most one)."""
    if character in _DOUBTFUL:
        return tuple(_DOUBTFUL[character].split())
    usual = reading(character)
    return (usual,) if usual else ()


def _plain(marked: str) -> str:
    """``zhāng`` → ``zhang1``; ``""`` for an interjection without a vowel, such as ``ḿ``."""
    letters, tone = "", "5"
    for character in unicodedata.normalize("NFD", marked.strip()):
        if character in _TONE_MARKS:
            tone = _TONE_MARKS[character]
        elif character == "\u0308":
            letters = letters[:-1] + "v"
        elif "a" <= character <= "z":
            letters += character
    return letters + tone if set(letters) & set("aeiouv") else ""


def surname_of(name: str) -> str:
    """The surname a Chinese name begins with: two characters where that is a compound surname and something follows."""
    return name[:2] if len(name) > 2 and name[:2] in SURNAMES else name[:1]


def organisation_syllables(text: str) -> list[tuple[str, str]]:
    """``(character, reading)`` for each character of an organisation's name, words before single characters."""
    found: list[tuple[str, str]] = []
    index = 0
    while index < len(text):
        for length in _WORD_LENGTHS:
            word = text[index : index + length]
            if word in ORGANISATION_WORDS:
                found.extend(zip(word, ORGANISATION_WORDS[word], strict=True))
                index += length
                break
        else:
            found.append((text[index], reading(text[index])))
            index += 1
    return found
