"""Introductions in Chinese, Simplified and Traditional: "我是华星公司的王芳", "敝姓林"."""

import re
from collections.abc import Iterator

from nlu.introduction import Introduction
from nlu.places import gazetteer

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施洪邢俞鲁霍岑倪殷章柳严毕安关詹温肖闫仇"
    "庄邬欧席涂牛齐柯游翟季祝阮葛纪童蓝颜梅盛辛管路娄骆符冼麦单甄简练饶"
)
_COMPOUND = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|南宫|端木|独孤"
_HAN = "\u4e00-\u9fff"
_SURNAME = f"(?:{_COMPOUND}|[{_SURNAMES}])"
_TITLE = (
    "先生|女士|小姐|太太|老师|经理|总监|总|医生|护士|工程师|工|主任|店长"
    "|师傅|同学|律师|教授|博士|老板|阿姨"
)
#: A family name with a title or a given name; "小李", "阿明"; names of other peoples with a dot.
_NAME = (
    f"(?:{_SURNAME}(?:{_TITLE}|[{_HAN}]{{1,2}})|[小老大阿]{_SURNAME}"
    f"|[{_HAN}]{{1,6}}·[{_HAN}]{{1,6}})"
)
_LATIN_NAME = r"[A-Z][A-Za-z'’.-]{1,20}(?: [A-Z][A-Za-z'’.-]{0,20}){0,2}"
_END = (
    "(?=$|[\\s,.!;:?，。！；、：？~～（()）]|来自|是|的|我|电话|手机|邮箱|公司"
    "|在|想|要|就|请|吧|呢|啊|今天|昨天)"
)
#: "我是李雷的同事" is somebody else.
_NOT_OF = "(?!的)"
_ROLE = (
    "(?:店长|工程师|经理|总监|采购员?|(?:老|新)?客户|护士|医生|老师|员工|老板|负责人|助理|秘书|同事|销售|业务员?|学生"
    "|会员|职员|前台|创始人|董事长|总经理|会计|财务|设计师|CEO|CTO|HR)"
)

_SURNAME_FIRST = re.compile(f"{_SURNAME}|[小老大阿A-Z]")
_SURE = re.compile(
    f"(?:我叫做?|我的(?:中文|英文)?名字?(?:是|叫)|名字\\s?[是叫:：]|(?:客户)?姓名\\s?[:：是]?\\s?|(?:联系人|收件人|收货人|联络人)"
    f"\\s?(?:是|[:：])|(?<![日基根])本人(?:是|叫)?|称呼我(?:为)?|大家都叫我)\\s?"
    f"(?P<name>{_NAME}{_END}|{_LATIN_NAME}|{_NAME}|[{_HAN}]{{2,4}}(?=$|[\\s,.，。！!]))"
)
#: "我是你们的会员，叫吴京"
_ALSO = re.compile(f"我们?是[{_HAN}]{{1,10}}[,，]叫(?P<name>{_NAME}){_END}")
_CALLED = re.compile(
    f"叫我(?P<name>[小老大阿][{_HAN}]|{_NAME}|{_LATIN_NAME})(?=就好|就行|就可以|吧|即可|好了|$|[，。,.!！])"
)
_LIKELY = re.compile(
    "(?:我是|这里是|这是|(?<![日基根])本人是?|我系)\\s?(?:你们的|贵公司的|贵司的)?"
    f"(?:[{_HAN}]{{1,6}}部门?的)?{_ROLE}{{0,2}}(?P<name>{_NAME}"
    f"|[A-Z][a-z]{{1,15}}(?: [A-Z][a-z]{{1,15}}){{0,2}}(?=$|[，。,.!！])){_NOT_OF}{_END}"
)
_SURNAME_ONLY = re.compile(f"(?:我姓|免贵姓|敝姓|小姓|本人姓|姓)(?P<name>{_SURNAME})(?![{_HAN}])")
_FIRST = re.compile(
    f"^(?P<name>{_NAME})[，,、 ]{{1,2}}"
    f"(?P<company>[{_HAN}A-Za-z（）()]{{2,16}}(?:公司|集团))(?=$|[，,。. ])"
)
#: Words that begin with a family name and are no names.
_WORDS = """
文化 关系 方面 许多 方法 方式 任务 任何 关于 于是 范围 严重 程度 安全 欧洲
武器 方向 安排 万元 方案 文学 文章 金融 曾经 高速 高度 毕业 高级 关键 周围
程序 任期 高兴 关注 常常 石油 高中 严格 游客 文字 毕竟 金属 文件 温度 高校
夏天 方便 高考 韩国 江苏 毕业生 关心 季节 颜色 黄金 罗马 游戏 文艺 白色 江湖
纪念 万岁 江西 常见 安装 何况 周期 马上 常用 陆续 施工 高等 黄色 季度 任命
石头 关闭 何必 安徽 高于 施行 高大 周边 何处 严肃 苏州 温暖 周年 高温 万一
夏季 方言 安慰 白天 何以 任何人 方才 温和 章程 金额 安定 严厉 江山 高层 高山
高低 常规 董事 牛肉 方程 高效 金钱 陆地 蓝色 万年 万家 董事长 王家 温柔 游泳
任教 任意 何等 金牌 高压 何时 安置 关节 白衣 文人 郑州 毛病 何不 万里 万分
牛奶 徐州 郑重 马路 周末 余地 安心 高新 关上 关门 常人 常识 余额 周一 周二
周三 周四 周五 周六 周日 关口 温州 方形 万事 童话 许久 于今 江南 江北 安庆
单位 单独 单身 单号 单子 管理 管理员 路上 路过 简单 练习 辛苦 白领 金卡 金主
高管 常客 严选 程序员 高端 顾客 顾问 安卓 安保 关联 毕业的 夏令营 钟表 钟点
祝你 祝您 常来 汤圆 雷达 符合 麦当劳
"""
_NO_NAME = frozenset(_WORDS.split())
#: Characters no name contains but sentences do.
_SENTENCE = re.compile(
    "什么|怎么|哪|谁|错|改|不|没|去|快递|外卖|客服|了|的|等|取|吗|呢|这|那|你|我|他|她|是|很|都|退|签收|能|可以|姓名|名字|^姓|人$|哈哈"
)

_KINDS = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|科技|技术|酒店|宾馆|学校|大学|学院|中学|小学|幼儿园|医院|诊所"
    "|工厂|银行|事务所|工作室|餐厅|咖啡馆|茶馆|超市|商店|贸易|物流|工业|电子|实业|传媒|网络|软件|机械厂?|药房|书店|花店"
    "|面包店|研究院|研究所|出版社|证券|保险|石化|石油|电力|航空|汽车|地产|建筑|律所|电路"
)
_ORGANISATION = f"[{_HAN}A-Za-z0-9（）()&·]{{2,20}}?(?:{_KINDS})+"
_PERSON = f"(?P<name>{_NAME}|{_LATIN_NAME})"
_COMPANY = re.compile(
    "(?:我们是|我是|这里是|我来自|来自|代表|就职于|任职于|我在|公司名称?\\s?[是叫为:：]|公司[是叫:：]|我们公司[是叫]|公司是"
    "|我司[是叫]|单位\\s?[是:：]|一家叫)\\s?"
    f"(?P<company>{_ORGANISATION})(?=(?P<of>的{_ROLE}{{0,2}}{_PERSON}{_END})?)"
)
#: Here any name will do, since the text says it is one.
_COMPANY_NAMED = re.compile(
    "(?:公司名称?\\s?[是叫为:：]|我们?公司叫做?|公司叫做?|我们的公司名[是叫]|我司叫|单位\\s?[:：]|就职于|任职于|一家叫做?)\\s?"
    f"(?P<company>[{_HAN}A-Za-z0-9&·]{{2,20}}?)(?=$|[\\s，。,.!！;；的]|工作|上班|电话|想|要)"
)
_WORKING = re.compile(
    f"我?在{{1,2}}(?P<company>[{_HAN}A-Za-z0-9]{{2,10}}?)(?=工作|上班|任职|就职)"
)
#: "我是华为的张强": a name behind it shows that what stands before is no pronoun.
_BELONGING = re.compile(
    f"(?:我是|这里是)\\s?(?P<company>[{_HAN}]{{2,8}}?)的{_ROLE}{{0,2}}(?P<name>{_NAME}){_END}"
)
_LATIN_WORD = r"[A-Z0-9][A-Za-z0-9À-ɏ&'’.-]{0,30}"
_LATIN_COMPANY = rf"{_LATIN_WORD}(?: (?:&|and|of|{_LATIN_WORD})){{0,5}}"
_LATIN = re.compile(
    "(?:(?:我们?是|这里是)\\s?(?=[A-Za-z0-9 &.'’-]{1,60}的)|我来自|来自|代表|就职于"
    "|公司名称?\\s?[是叫为:：]|公司[是叫:：]|在(?=\\w{1,30}(?:工作|上班)))"
    f"\\s?(?P<company>{_LATIN_COMPANY})(?=(?P<of>\\s?的{_ROLE}{{0,2}}\\s?{_PERSON})?)"
)
_KIND = re.compile(_KINDS)
_TITLED = re.compile(f"{_SURNAME}(?:{_TITLE})")
_NO_COMPANY = re.compile(
    "^一家叫|^(?:贵|你们|我们|我|这家|这个|那家|一家|一个|哪家|什么|本|该|某|小|大|的|新|同)*"
    f"(?:{_KINDS}|店)$|[想要问吗呢？?了]|什么|哪|怎么|多少|做的|几|你们|我们|他们|咱们|昨天|今天|网上|采购$|部$|部门$|客户"
    "|的|楼|班$|上(?:大|中|小)?学|有.{0,2}[个家间]|某|正在|很多|最|^从|外地|外面|附近|市区|[我你他她]|上班|家里|这里|那里|错|填|改|大家|朋友|自己|哥|弟|姐|妹|爸|妈"
)
#: No Chinese introduction is without one of these.
_SIGN = re.compile("[我姓叫名]|公司|这里是|本人|[系络货件]人|来自|代表|单位|就职|任职")


def chinese_introductions(text: str, folded: str) -> Iterator[Introduction]:
    """Yield the names a text gives in Chinese; spans may overlap.

    Args:
        text: as written, for names in Latin letters.
        folded: the same in Simplified Chinese, of the same length.
    """
    if not _SIGN.search(folded) and not _FIRST.match(folded):
        return
    mixed = _with_capitals(text, folded)
    for pattern in (_COMPANY, _BELONGING, _LATIN, _FIRST):
        for match in pattern.finditer(mixed):
            yield from _company(match)
            if match["name"] and not _is_sentence(match["name"]):
                yield Introduction("person", match.start("name"), _trimmed(match, "name"))
    for pattern in (_COMPANY_NAMED, _WORKING):
        for match in pattern.finditer(mixed):
            yield from _company(match, loose=pattern is _WORKING)
    for pattern in (_SURE, _ALSO, _CALLED, _LIKELY, _SURNAME_ONLY):
        for match in pattern.finditer(mixed):
            free = match[0].startswith("本人") and not _SURNAME_FIRST.match(match["name"])
            sure = pattern is _SURE and not free
            if not free and not _is_sentence(match["name"], sure=sure):
                yield Introduction("person", match.start("name"), _trimmed(match, "name"))


def _with_capitals(text: str, folded: str) -> str:
    """Return `folded` with its Latin letters as they were written."""
    if folded == text:
        return text
    return "".join(a if a < "\u2e80" else b for a, b in zip(text, folded, strict=True))


def _company(match: re.Match[str], *, loose: bool = False) -> Iterator[Introduction]:
    name = match["company"]
    if _NO_COMPANY.search(name) or name.lower() in gazetteer().latin:
        return
    if _TITLED.fullmatch(name):
        return
    # "我在贵阳花溪上班" says where, not for whom.
    where = name[:2] if loose and not _KIND.search(name) else name
    if where in gazetteer().han or name in gazetteer().han:
        return
    yield Introduction("company", match.start("company"), _trimmed(match, "company"))


def _trimmed(match: re.Match[str], group: str) -> int:
    name = match[group].rstrip(" .,&'’-")
    if re.search(r"\b(?:Co|Inc|Ltd|Corp)\Z", name) and match[group].startswith(name + "."):
        name += "."
    return match.start(group) + len(name)


def _is_sentence(name: str, *, sure: bool = False) -> bool:
    word = name in _NO_NAME or name[:2] in _NO_NAME
    # Where the text says that it is a name, a word of two characters may be one.
    return (word and not (sure and len(name) == 2)) or _SENTENCE.search(name) is not None
