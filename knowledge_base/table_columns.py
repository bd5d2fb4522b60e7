"""What the columns of question-answer tables are called, in English and Chinese."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, Literal

Column = Literal[
    "id", "question", "similar", "answer", "tags", "language", "audience", "valid_from",
    "valid_to", "updated", "url", "title", "status",
]  # fmt: skip

#: Column -> what tools and people call it, in the form `_key` gives.
NAMES: Final[Mapping[Column, tuple[str, ...]]] = {
    "id": ("id", "key", "externalid", "faqid", "编号", "編號", "问题编号", "序号", "知识id"),
    "question": (
        "question", "q", "questions", "standardquestion", "mainquestion", "faq", "query", "prompt",
        "instruction", "问题", "問題", "标准问题", "標準問題", "标准问", "標準問", "主问题", "问",
        "問", "问句", "提问", "用户问题", "用户问法", "faq标题", "知识标题", "知识点",
    ),
    "similar": (
        "similar", "similarquestions", "similarquestion", "variants", "questionvariants", "alias",
        "aliases", "alternatives", "alternativequestions", "paraphrases", "utterances", "synonyms",
        "相似问法", "相似問法", "相似问题", "相似問題", "相似问", "相似問", "扩展问", "扩展问题",
        "擴展問", "近义问", "同义问法", "其他问法", "相似说法", "问法",
    ),
    "answer": (
        "answer", "a", "answers", "response", "reply", "output", "content", "text", "body",
        "standardanswer", "答案", "回答", "回复", "回覆", "标准答案", "標準答案", "标准回复",
        "机器人回答", "机器人回复", "答", "内容", "內容", "答复", "答覆", "回复内容", "知识内容",
    ),
    "tags": (
        "tags", "tag", "category", "categories", "topic", "label", "labels", "group", "标签",
        "標籤", "分类", "分類", "类别", "類別", "知识分类", "问题分类", "一级分类", "所属分类",
        "目录",
    ),
    "language": ("language", "lang", "locale", "语言", "語言", "语种", "語種"),
    "audience": (
        "audience", "visibility", "access", "受众", "受眾", "可见范围", "可见性", "适用对象",
    ),
    "valid_from": (
        "validfrom", "from", "start", "startdate", "startson", "effective", "effectivedate",
        "effectivefrom", "生效", "生效日期", "生效时间", "生效時間", "开始日期", "开始时间",
        "有效期开始",
    ),
    "valid_to": (
        "validto", "validuntil", "to", "until", "end", "enddate", "expires", "expiry",
        "expirydate", "expirationdate", "失效", "失效日期", "失效时间", "失效時間", "结束日期",
        "结束时间", "有效期结束", "有效期至", "到期日期", "过期时间",
    ),
    "updated": (
        "updated", "modified", "lastmodified", "lastupdated", "updatedat", "date", "更新",
        "更新日期", "更新时间", "更新時間", "修改时间", "最后修改时间",
    ),
    "url": ("url", "link", "source", "sourceurl", "链接", "鏈接", "連結", "来源", "网址", "出处"),
    "title": ("title", "heading", "name", "标题", "標題", "名称", "文章标题"),
    "status": ("status", "state", "enabled", "状态", "狀態", "是否启用", "启用状态", "是否有效"),
}  # fmt: skip
_COLUMN_OF: Final = {name: column for column, names in NAMES.items() for name in names}

#: Values that take a row out of use, in a column for its status.
OFF: Final = frozenset(
    """
    off no false 0 disabled inactive archived draft deleted retired 否 停用 禁用 已停用 已禁用
    未启用 下线 已下线 失效 已失效 草稿 无效 归档 已归档 删除 已删除
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
_STAFF: Final = frozenset(
    """
    staff internal private employee employees agent agents 内部 員工 员工 客服 坐席 仅内部 内部可见
    仅员工 仅客服
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
_PUBLIC: Final = frozenset(
    """
    public customer customers everyone all external 公开 公開 客户 客戶 顾客 所有人 全部 外部 对外
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
#: Days from this one on are how a spreadsheet counts them.
_SPREADSHEET_EPOCH: Final = date(1899, 12, 30)


def find_columns(header: Sequence[object]) -> dict[Column, list[int]]:
    """Return which columns of a table hold what; several may hold similar questions or tags."""
    found: dict[Column, list[int]] = {}
    for index, cell in enumerate(header):
        key = _key(cell)
        column = _COLUMN_OF.get(key) or _COLUMN_OF.get(re.sub(r"\d+$", "", key))
        if column in {"similar", "tags"} or (column is not None and column not in found):
            found.setdefault(column, []).append(index)
        elif column == "question":
            # A second column of questions is another wording.
            found.setdefault("similar", []).append(index)
    if "question" not in found and "title" in found:
        found["question"] = found.pop("title")
    return found


def read_audience(text: str) -> Literal["public", "staff"] | None:
    """Return the audience a cell names, or None if it names none that is known."""
    key = text.strip().lower()
    if key in _STAFF:
        return "staff"
    return "public" if key in _PUBLIC else None


def read_day(value: object) -> date | None:
    """Return the day a cell names: a date, `2026-05-31`, `2026/5/31` or `2026年5月31日`.

    Raises:
        ValueError: it names none.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and 20_000 < value < 80_000:
        return date.fromordinal(_SPREADSHEET_EPOCH.toordinal() + int(value))
    text = str(value if value is not None else "").strip()
    if not text or text in {"-", "/", "永久", "长期", "长期有效", "永久有效", "forever", "never"}:
        return None
    found = re.match(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})", text)
    if found is None:
        raise ValueError(text)
    return date(int(found[1]), int(found[2]), int(found[3]))


def _key(cell: object) -> str:
    """Return a heading without case, blanks, marks and remarks in brackets."""
    text = re.sub(r"[(（\[【].*?[)）\]】]", "", str(cell if cell is not None else "")).lower()
    return re.sub(r"[\s_*＊:：.\-/]+", "", text)
