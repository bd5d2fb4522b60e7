"""Naming: how customers call a slot, so that "my e-mail" and "邮箱" are known to mean it."""

import re
from functools import lru_cache
from typing import Final

from dialogues.slot import Slot, SlotType
from nlu.text import fold

#: By type; nothing for types whose slots have no common name.
_BY_TYPE: Final[dict[SlotType, str]] = {
    "email": "email|e-mail|mail|email address|邮箱|邮件|电邮",
    "phone": "phone|mobile|telephone|number|电话|手机|号码",
    "number": "number|数字",
    "quantity": "quantity|amount|number|pieces|units|数量|个数|件数",
    "company": "company|firm|organisation|organization|公司|单位",
    "name": "name|名字|姓名|称呼",
    "rating": "rating|score|stars|评分|打分|评价",
    "date_text": "date|time|when|deadline|日期|时间",
    "date": "date|day|日期|日子|哪天",
    "time": "time|hour|时间|时段|几点",
}
#: By the name itself, because a flow's names are English.
_BY_NAME: Final = {
    "product": "产品|商品|款式|型号",
    "order_number": "订单号|订单|单号",
    "order": "订单号|订单|单号",
    "address": "地址",
    "day": "日期|日子|哪天",
    "title": "抬头",
    "tax_number": "税号",
    "reason": "原因|理由",
    "place": "地点|地方",
    "comment": "备注|留言|评论",
    "details": "详情|细节",
    "topic": "主题|话题",
    "budget": "预算",
    "colour": "color|颜色",
    "color": "colour|颜色",
    "size": "尺寸|尺码|大小",
    "country": "国家",
    "city": "城市",
    "urgency": "紧急程度|urgent",
    "priority": "优先级",
    "problem": "问题|故障",
}


def is_named(name: str, slot: Slot, text: str) -> bool:
    """Tell whether `text` calls the slot by a name of its own, of its type or its entity."""
    return _pattern(name, slot.type, slot.entity).search(fold(text)) is not None


@lru_cache(maxsize=1024)
def _pattern(name: str, kind: SlotType, entity: str | None) -> re.Pattern[str]:
    words = [name.replace("_", " "), *(_BY_TYPE.get(kind, "").split("|"))]
    for known in filter(None, (name, entity)):
        words += [known.replace("_", " "), *_BY_NAME.get(known, "").split("|")]
    found = dict.fromkeys(re.escape(word) for word in words if word)
    return re.compile("|".join(rf"\b{w}\b" if w.isascii() else w for w in found), re.IGNORECASE)
