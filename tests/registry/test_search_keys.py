"""检索键: no false negatives, surnames read as surnames, dictionary order."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import pinyin, search_keys
from registry.search_keys import keys_for_name, keys_for_organisation, keys_for_query, matches
from registry.synthetic.organisations import make_organisations
from registry.synthetic.words import COMPOUND_SURNAMES, GIVEN_NAMES, SHORT_GIVEN_NAMES, SURNAMES

CITY = [organisation.name for organisation in make_organisations(300, 9_000, seed=5)]
# Readings that a person of that name would give, from dictionaries of surnames.
READINGS = [
    ("张立春", "zhanglichun", "zlc"),
    ("曾甲子", "zengjiazi", "zjz"),
    ("单立秋", "shanliqiu", "slq"),
    ("仇小雪", "qiuxiaoxue", "qxx"),
    ("解大寒", "xiedahan", "xdh"),
    ("查三七", "zhasanqi", "zsq"),
    ("区白露", "oubailu", "obl"),
    ("翟霜降", "zhaishuangjiang", "zsj"),
    ("缪谷雨", "miaoguyu", "mgy"),
    ("任清明", "renqingming", "rqm"),
    ("华小满", "huaxiaoman", "hxm"),
    ("朴寅", "piaoyin", "py"),
    ("盖丙午", "gebingwu", "gbw"),
    ("万丁", "wanding", "wd"),
    ("万俟丁", "moqiding", "mqd"),
    ("尉迟惊蛰", "yuchijingzhe", "ycjz"),
    ("长孙甲", "zhangsunjia", "zsj"),
    ("乐正乙", "yuezhengyi", "yzy"),
    ("令狐冬至", "linghudongzhi", "lhdz"),
    ("澹台辛", "tantaixin", "ttx"),
    ("单于丙", "chanyubing", "cyb"),
    ("欧阳芒种", "ouyangmangzhong", "oymz"),
    ("阿里·谷雨", "aliguyu", "algy"),
]


@pytest.mark.parametrize(("name", "full", "short"), READINGS)
def test_surnames_are_read_as_surnames(name, full, short):
    assert search_keys.pinyin(name) == full
    assert search_keys.initials(name) == short
    for query in (name, full, short):
        assert set(keys_for_query(query)) <= set(keys_for_name(name))
        assert matches(name, query)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("单立秋", "danliqiu"),  # the usual reading, by somebody who does not know the surname
        ("王乐", "wangyue"),
        ("王乐", "wangle"),
        ("吕丁", "lvding"),
        ("吕丁", "lüding"),
        ("吕丁", "lyuding"),
        ("吕丁", "luding"),
        ("张立春", "ＺＬＣ"),
        ("张立春", "ZhangLichun"),
        ("张立春", "zhang li chun"),
        ("张立春", "张 lichun"),
        ("张立春", "立chun"),
        ("阿里·谷雨", "阿里谷雨"),
        ("阿里·谷雨", "里•谷"),
        ("张立春", "z"),
        ("张立春", "张z"),
        ("张立春", "张q"),  # a single letter beside a character is no condition
    ],
)
def test_the_ways_people_type_a_name(name, query):
    assert set(keys_for_query(query)) <= set(keys_for_name(name))
    assert matches(name, query)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("张立春", "李"),
        ("张立春", "春立"),
        ("张立春", "lz"),
        ("张立春", "zhangchun"),
        ("张立春", "l"),
        ("张立春", "立夏"),
    ],
)
def test_what_is_not_in_the_name_is_not_found(name, query):
    assert not set(keys_for_query(query)) <= set(keys_for_name(name))
    assert not matches(name, query)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("宁国市示例农村商业银行", "ningguoshishilinongcunshangyeyinhang"),
        ("示例重庆路重型机械厂", "shilichongqingluzhongxingjixiechang"),
        ("绩溪县示例会计所", "jixixianshilikuaijisuo"),
        ("泾县示例文化馆", "jingxianshiliwenhuaguan"),
        ("示例3M新材料（宣城）有限公司", "shili3mxincailiaoxuanchengyouxiangongsi"),
    ],
)
def test_organisations_are_read_by_words(name, full):
    assert search_keys.organisation_pinyin(name) == full
    assert set(keys_for_query(full)) <= set(keys_for_organisation(name))


def test_a_blank_query_asks_for_nothing_in_particular():
    assert keys_for_query("") == keys_for_query("  ·\t") == []


def test_a_long_query_is_cut_and_still_finds():
    name = CITY[-1]
    query = search_keys.organisation_pinyin(name) * 1
    assert len(keys_for_query(query)) <= search_keys.MAX_QUERY_KEYS
    assert set(keys_for_query(query)) <= set(keys_for_organisation(name))


names = st.one_of(
    st.builds(str.__add__, st.sampled_from(SURNAMES), st.sampled_from(GIVEN_NAMES + SHORT_GIVEN_NAMES)),
    st.builds(str.__add__, st.sampled_from(COMPOUND_SURNAMES), st.sampled_from(GIVEN_NAMES)),
    st.builds(
        str.__add__,
        st.sampled_from(sorted(pinyin.SURNAMES)),
        st.text("乐朝长茜晟重行盛曾都宁单参藏沈贾吕绿女立春", min_size=1, max_size=3),
    ),
    # Anything that a form lets through: the common block, rare characters, dots, Latin letters and full-width forms.
    st.text(
        st.one_of(
            st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
            st.characters(min_codepoint=0x3400, max_codepoint=0x34FF),
            st.characters(min_codepoint=0x20000, max_codepoint=0x200FF),
            st.sampled_from("·• （）ＡＢabcXYZ09〇éüñ-'"),
        ),
        min_size=1,
        max_size=8,
    ),
)


def parts(text: str, least: int) -> list[str]:
    return [text[start:end] for start in range(len(text)) for end in range(start + least, len(text) + 1)]


@given(names)
def test_every_part_of_a_name_finds_it(name):
    keys = set(keys_for_name(name))
    for query in parts(name, 1):
        told = [c for c in search_keys.fold(query) if c.isalnum()]
        if len(told) > 1 or not all(c.isascii() for c in told):  # one letter or digit asks for the first of a name
            assert set(keys_for_query(query)) <= keys, query
    for stream in (search_keys.pinyin(name), search_keys.initials(name)):
        for query in parts(stream, 2):
            assert set(keys_for_query(query)) <= keys, query
            assert matches(name, query)


@given(st.sampled_from(CITY), st.data())
def test_every_part_of_an_organisations_name_finds_it(name, data):
    keys = set(keys_for_organisation(name))
    for stream, least in (
        (name, 1),
        (search_keys.organisation_pinyin(name), 2),
        (search_keys.organisation_initials(name), 2),
    ):
        query = data.draw(st.sampled_from(parts(stream, least)))
        assert set(keys_for_query(query)) <= keys
        assert matches(name, query, organisation=True)


@given(names, st.text(string.ascii_lowercase, min_size=2, max_size=6) | names)
def test_whatever_matches_exactly_is_let_through(name, query):
    if matches(name, query):
        assert set(keys_for_query(query)) <= set(keys_for_name(name))


def beginnings(name: str) -> list[str]:
    return [text[:size] for text in (name, search_keys.pinyin(name)) for size in range(1, min(len(text), 8) + 1)]


@given(names, names)
def test_whatever_begins_with_a_query_matches_it(name, other):
    for query in beginnings(name) + beginnings(other):
        prefix = search_keys.sort_prefix(query)
        if prefix and search_keys.sort_key(name).startswith(prefix):
            assert set(keys_for_query(query)) <= set(keys_for_name(name)), query


@pytest.mark.parametrize(
    ("query", "prefix"),
    [
        ("wang", "wang"),
        ("W", "w"),
        ("王", "wang2王"),
        ("单", "shan4单"),
        ("", ""),
        ("张 li", ""),
        ("wang1", ""),
        ("王l", ""),
    ],
)
def test_how_the_order_begins_for_a_query(query, prefix):
    assert search_keys.sort_prefix(query) == prefix


def test_a_query_of_one_key_is_broad():
    assert [q for q in ("w", "zh", "ang", "王", "立春", "wang", "立春生", "王 l i", "") if search_keys.is_broad(q)] == [
        "w", "zh", "ang", "王", "立春", "王 l i",
    ]  # fmt: skip


@given(st.text(max_size=40))
def test_any_text_gives_keys_fit_for_the_database(text):
    for keys in (keys_for_name(text), keys_for_organisation(text), keys_for_query(text)):
        assert keys == sorted(set(keys))
        assert all(0 < len(key) <= 3 and "\x00" not in key for key in keys)
    assert len(search_keys.sort_key(text * 20)) <= search_keys.SORT_KEY_LENGTH
    assert len(search_keys.organisation_sort_key(text * 20)) <= search_keys.ORGANISATION_SORT_KEY_LENGTH


def test_a_name_of_three_characters_has_few_keys():
    sizes = [len(keys_for_name(surname + given)) for surname in SURNAMES[:100] for given in GIVEN_NAMES[::20]]
    assert sum(sizes) / len(sizes) < 30


def test_names_sort_as_in_a_dictionary():
    ordered = ["曹立春", "曾甲", "陈大寒", "单立秋", "尉迟甲", "张三", "张立春", "章三", "仇甲"]
    expected = ["曹立春", "陈大寒", "仇甲", "单立秋", "尉迟甲", "曾甲", "张立春", "张三", "章三"]
    assert sorted(ordered, key=lambda name: search_keys.sort_key(name).encode()) == expected


def test_tones_part_equal_letters():
    # wēn before wén before wěn before wèn
    assert sorted("问稳文温", key=search_keys.sort_key) == list("温文稳问")
    assert search_keys.sort_key("张立春") == "zhang1张 li4立 chun1春"
