"""What the words around digits say about them: a phone number, or an order, an account, a date."""

import re

#: How far before the digits a word about them stands.
_NEAR = 60
#: How far a word that makes them something else does.
_LABEL_NEAR = 30

_PHONE_WORD = (
    r"\b(?:tele)?phones?\b|\btel\b|\bph\b|\bmob(?:ile)?\b|\bcell(?:phone|ular)?\b|\bfax\b"
    r"|\bwhats ?app\b|\bhotline\b|\blandline\b|\bhandset\b|\bsms\b"
    r"|\b(?:my|our|his|her|their|your|this|that|new|old|work|home|office|direct|main|preff?err?ed)"
    r" numbers?\b|\bnumber to (?:call|reach|ring)\b"
    r"|\b(?:call|dial|ring|reach|text|phone)(?:ing|ed)?\b"
    r"|电话|電話|手机|手機|联系|聯繫|聯絡|传真|傳真|致电|致電|拨|撥|来电|來電|热线|熱線|座机|座機"
    r"|打给|打給|号码|號碼|手机号|微信同号"
)
_CUE = re.compile(_PHONE_WORD, re.IGNORECASE)
_CUE_AFTER = re.compile(
    r"[ ,]{0,2}(?:is|are|was) (?:my|our|his|her|the) (?:new |own |direct |work |mobile |cell )?"
    r"(?:phone|telephone|mobile|cell|number|tel|landline)"
    r"|\s?[,，]?\s?(?:是|为|為)(?:我|他|她|我们|我們|公司)?的?(?:联系|聯絡)?(?:电话|電話|手机|手機|号码|號碼|座机)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:order|account|acct|card|invoice|iban|serial|imei|tracking|parcel|booking|reservation"
    r"|reference|ref|case|ticket|contract|policy|member(?:ship)?|licen[cs]e|passport|ssn|tax|vat"
    r"|ein|sku|isbn|ean|barcode|zip|post(?:al)? ?code|omb|po box|pin|code"
    r"|customer (?:no|number|id)|article|item|part|model|batch|lot|id|price|cost"
    r"|total|amount|sum|paid|budget|version)"
    r"(?:s|'s|es)?\b"
    r"|订单|訂單|单号|單號|账号|账户|帐号|帳號|賬號|帳戶|卡号|卡號|银行卡|銀行卡|信用卡|身份证|身份證"
    r"|编号|編號|编码|編碼|发票|發票|合同|邮编|郵編|快递|快遞|物流|运单|運單|型号|型號|序列|价格|價格"
    r"|金额|金額|总共|一共|工号|学号|條碼|条码|税号|稅號|护照|護照|qq|数量|數量|验证码|驗證碼|密码",
    re.IGNORECASE,
)
_NO_CODE = re.compile(r"\b(?:no|nr|№)\.?\s?[:#]?\s?$", re.IGNORECASE)
_NEW_SENTENCE = re.compile(r"[!?！？。\n]|\.\s")
_NEW_CLAUSE = re.compile(r"[!?！？。\n;；,，]|\.\s")
#: Words that, right before the digits, were about something else all the same.
_WORDS_MAX = 8
_WORD = re.compile(r"\w+")
_NAMED_NUMBER = re.compile(r"号码|號碼")

#: Not phones whatever stands around them: dates and accounts; bounded, so linear.
_NEVER = re.compile(
    r"(?<![\d/.-])(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d\d)"
    r"(?![\d/.-]\d)(?!\d)(?:[ T]{1,2}\d{1,2}:\d\d(?::\d\d)?)?"
    r"|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?!\d)"
    r"|(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"
    r"|https?://[!-~]{1,300}"
)


def masked(text: str) -> str:
    """Return `text`, of the same length, with dates, times, IBANs and web addresses blanked."""
    return _NEVER.sub(lambda match: "_" * len(match[0]), text)


def is_labelled(text: str, start: int) -> bool:
    """Tell whether the words before `start` make the digits there something else than a phone."""
    window = text[max(0, start - _LABEL_NEAR) : start]
    if _NO_CODE.search(window) and not _CUE.search(window):
        return True
    window = _after_last(_NEW_CLAUSE, window)
    label = _last(_LABEL, window)
    if label is None:
        return False
    cue = _last(_CUE, window)
    if cue is None or cue.end() <= label.start():
        return True
    # "订单号码": the number is the order's.
    return _NAMED_NUMBER.fullmatch(cue[0]) is not None and cue.start() - label.end() <= 1


def is_announced(text: str, start: int, end: int) -> bool:
    """Tell whether the text says that the digits at this place are a phone number."""
    if _CUE_AFTER.match(text, end):
        return True
    window = _after_last(_NEW_SENTENCE, text[max(0, start - _NEAR) : start])
    cue = _last(_CUE, window)
    if cue is None:
        return False
    between = window[cue.end() :]
    if text[start:end].isdigit():
        # Digits without any punctuation may count something.
        between = _after_last(_NEW_CLAUSE, between) if ":" in between else between
        return len(_WORD.findall(between)) <= 5 and not _NEW_CLAUSE.search(between)
    return len(_WORD.findall(between)) <= 2 * _WORDS_MAX


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 -- the last one is wanted
        pass
    return found


def _after_last(pattern: re.Pattern[str], text: str) -> str:
    match = _last(pattern, text)
    return text if match is None else text[match.end() :]
