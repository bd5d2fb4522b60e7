"""How people introduce themselves and their company, in English and Chinese.

Only introductions are read ("I'm Anna Li from Acme Ltd", "我是华星公司的王芳"): a name merely
mentioned is not the customer's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nlu.text import fold

#: Introductions stand in the first so many characters.
_TEXT_MAX = 500

_WORD = r"[A-Z][A-Za-zÀ-ɏ'’.-]{0,30}"
_NAME = rf"{_WORD}(?:\s{_WORD}){{0,3}}"
_ANY_NAME = r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]{0,30}(?:\s[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ'’-]{0,30}){0,2}"
_SUFFIX = (
    r"(?:Ltd|Limited|Inc|LLC|LLP|PLC|Plc|GmbH|AG|Corp|Corporation|Co|Company|Group|Pty|SA|SAS|BV"
    r"|Oy|AB|Holdings|Partners|Labs|Studios?)"
)
_COMPANY_WORD = r"[A-Z0-9][\w&'’.-]{0,30}"
_COMPANY = rf"{_COMPANY_WORD}(?:\s(?:&|and|of|{_COMPANY_WORD})){{0,5}}"

_SURE_NAME = re.compile(
    rf"(?:(?i:my (?:full )?name is|my name's|call me|(?<![a-z])name\s?:|the name is))\s{{0,2}}"
    rf"({_ANY_NAME})"
)
_LIKELY_NAME = re.compile(
    rf"(?<![\w'])(?:(?i:i am|i['’]m|im|this is|here is))\s({_NAME})"
    r"(?=\s(?:from|at|of|with|and|here|speaking)\b|\s?[,.!;:(，。]|\s?$)"
)
_AFFILIATION = re.compile(
    r"(?:(?i:i work (?:for|at)|i['’]m with|i am with|we are|we['’]re|our company is(?: called)?"
    r"|my company is(?: called)?|company\s?(?:name)?\s?(?:is|:)|on behalf of|representing"
    rf"|i represent))\s{{0,2}}({_COMPANY})"
)
_AFTER_NAME = re.compile(rf"\s?[,(]?\s?(?:from|at|of|with)\s({_COMPANY})")
_NAMED_COMPANY = re.compile(
    rf"(?<!\w)({_COMPANY_WORD}\s(?:(?:&|and|of|{_COMPANY_WORD})\s){{0,4}}"
    rf"{_SUFFIX}\.?(?:,?\s{_SUFFIX}\.?)?)(?!\w)"
)
#: Words that end a name written in small letters, or that show it is none.
_NO_NAME_WORDS = (
    "from at of with and but so i we the a an my your his her our is are was not no just very "
    "looking trying sorry happy sad here there interested going calling writing having using glad "
    "afraid sure unable waiting fine good ok okay still also about to in on for please what why "
    "how when who it this that new back done ready"
)
_NO_NAME = frozenset(_NO_NAME_WORDS.split())

#: No English introduction is without one of these.
_ENGLISH_SIGN = re.compile(
    rf"(?i:name|call me|\bi am|\bi['’]m|\bim|is is|ere is|i work|we are|we['’]re|company|behalf"
    rf"|represent)|\s{_SUFFIX}"
)

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施洪邢俞鲁霍岑倪殷章柳严毕安关詹温"
    "庄邬欧席涂牛齐柯游翟季祝阮葛纪童蓝颜梅盛"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|南宫"
_HAN = "\u4e00-\u9fff"
_TITLE = "先生|女士|小姐|太太|老师|经理|总"
_HAN_NAME = f"(?:{_COMPOUND}|[{_SURNAMES}])(?:{_TITLE}|[{_HAN}·]{{1,2}})"
_END = "(?=$|[\\s,.!;:，。！；、：~～（(]|来自|是|的|，|我|电话|手机|邮箱|公司|在|想|要)"
_SURE_HAN_NAME = re.compile(
    "(?:我叫|我的名字(?:是|叫)|名字[是叫]|姓名\\s?[:：是]?\\s?|叫我)\\s?"
    f"({_HAN_NAME}{_END}|{_HAN_NAME}|[{_HAN}·]{{2,4}}(?=$|[\\s,.，。！!])|{_ANY_NAME})"
)
_LIKELY_HAN_NAME = re.compile(f"(?:我是|这里是|本人)\\s?({_HAN_NAME}){_END}")
_HAN_SURNAME = re.compile(f"(?:我姓|免贵姓|姓)({_COMPOUND}|[{_SURNAMES}])(?![{_HAN}])")
_KIND = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|科技|酒店|学校|大学|医院|工厂|银行"
    "|事务所|工作室|餐厅|咖啡馆|茶馆|超市|商店"
)
_HAN_COMPANY = re.compile(
    "(?:我们是|我是|我来自|来自|代表|就职于|任职于|我在|在|公司名称?\\s?[是叫为:：]|公司[是叫:：]"
    "|我们公司[是叫]|我司是)\\s?"
    f"([{_HAN}A-Za-z0-9（）()&·]{{2,20}}?(?:{_KIND})+)"
    f"(?P<of>的(?P<name>{_HAN_NAME}){_END})?"
)
_LATIN_IN_HAN = re.compile(
    f"(?:我们是|我来自|来自|代表|就职于|公司名称?\\s?[是叫为:：]|公司[是叫:：])\\s?({_COMPANY})"
)
_NO_COMPANY = re.compile(
    "^(?:贵|你们|我们|我|这家|这个|那家|一家|一个|哪家|什么|本|该|某|小)*(?:公司|集团|学校|酒店)$|[想要问吗呢]"
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """A name a text gives for its writer or the writer's company; half-open span."""

    kind: Literal["person", "company"]
    start: int
    end: int


def introductions(text: str) -> tuple[Introduction, ...]:
    """Return who a text says its writer is, and of which company."""
    return _introductions(text[:_TEXT_MAX])


@lru_cache(maxsize=256)
def _introductions(text: str) -> tuple[Introduction, ...]:
    """Return the same; remembered, because persons and companies both ask."""
    found: list[Introduction] = []
    if _ENGLISH_SIGN.search(text):
        found += _english(text)
    if not text.isascii():
        found += _chinese(text, fold(text))
    return tuple(found)


def _english(text: str) -> Iterator[Introduction]:
    for pattern in (_SURE_NAME, _LIKELY_NAME):
        for match in pattern.finditer(text):
            end = match.start(1) + _name_length(match[1])
            if end == match.start(1):
                continue
            yield Introduction("person", match.start(1), end)
            company = _AFTER_NAME.match(text, end)
            if company:
                yield _company(company)
    for pattern in (_AFFILIATION, _NAMED_COMPANY):
        for match in pattern.finditer(text):
            if match[1].split()[0].lower() not in _NO_NAME:
                yield _company(match)


def _company(match: re.Match[str]) -> Introduction:
    name = match[1].rstrip(" .,&'’-")
    if match[1].endswith(".") and re.search(r"\b(?:Co|Inc|Ltd|Corp)\.$", match[1]):
        name += "."
    return Introduction("company", match.start(1), match.start(1) + len(name))


def _name_length(written: str) -> int:
    """Return how much of `written` is a name: up to the first word that never is in one."""
    length = 0
    for match in re.finditer(r"\S+", written):
        if match[0].lower().rstrip(".") in _NO_NAME:
            break
        length = match.end()
    return len(written[:length].rstrip(" .'’-"))


def _chinese(text: str, folded: str) -> Iterator[Introduction]:
    for match in _HAN_COMPANY.finditer(folded):
        if _NO_COMPANY.search(match[1]):
            continue
        yield Introduction("company", match.start(1), match.end(1))
        if match["of"]:
            yield Introduction("person", match.start("name"), match.end("name"))
    for match in _LATIN_IN_HAN.finditer(text):
        yield _company(match)
    for pattern in (_SURE_HAN_NAME, _LIKELY_HAN_NAME, _HAN_SURNAME):
        for match in pattern.finditer(folded):
            yield Introduction("person", match.start(1), match.end(1))
