"""Bytes as text: UTF-8, UTF-16, GB18030 or Big5, or a clear word that they are no text."""

import codecs
from typing import Final

from knowledge_base.document import UnreadableError, clean

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes looked at to tell UTF-16 without a mark from what is no text.
_PROBE: Final = 4096
#: More controls than this share of the text, and it is no text.
_CONTROLS_MAX: Final = 0.01
#: Of the Chinese characters of a Chinese text at least this share is common.
_COMMON_MIN: Final = 0.05
#: Up to this share of characters that are broken is forgiven.
_STRAY_MAX: Final = 0.01
#: Beginnings of files that are known not to be text, and what they are.
_SIGNATURES: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip file (perhaps DOCX or XLSX)"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
#: Characters nearly every Chinese text has, in both scripts; wrongly decoded ones hardly do.
_COMMON: Final = frozenset(
    "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能"
    "而子那得于於着下自之年过過发發后後作里用道行所然家种種事成方多经經么麼去法学學如都同现現当當"
    "没沒动動面起看定天分还還进進好小部其些主样樣理心她本前开開但因只从從想实實日军者意无無力它与"
    "與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间間由问問很最重并物手应"
    "應战向头頭文体體政美相见見被利什二等产產或新己制身果加西斯月话話合回特代内信表化老给給世位次"
    "度门門任常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走义義各入几幾口认認条條平系气氣"
    "题題活尔更别別打女变變四神总總何电電数數安少报報才结結反受目太量再感建务務做接必场場件计計管"
    "期市直德资資命山金指克许許统統区區保至队隊形社便空决決治展马馬科司五基眼书書非则則听聽白却卻"
    "界达達光放强強即像难難且权權思王象完设設式色路记記南品住告类類求据據程北边邊死张張该該交规規"
    "万萬取拉格望觉覺术術领領共确確传傳师師观觀清今切院让讓识識候带帶导導争爭运運请請您退货貨款订"
    "訂单單费費换換送免修服号號茶店客购購买買卖賣"
)


def decode(raw: bytes, *, declared: str | None = None) -> str:
    """Return `raw` as text with plain line ends.

    A byte order mark decides, then what is valid UTF-8, then what was declared, then which of
    the Chinese encodings gives more of the characters every Chinese text has.

    Args:
        raw: the bytes.
        declared: an encoding a server or document names.

    Raises:
        UnreadableError: it is no text, or in an encoding that cannot be told.
    """
    for signature, what in _SIGNATURES:
        if raw.startswith(signature):
            message = f"is {what}, not text, whatever its name says"
            raise UnreadableError(message)
    text = _decoded(raw, declared)
    controls = sum(1 for c in text[:_PROBE] if c < " " and c not in "\t\n\r\x0c")
    if controls > _CONTROLS_MAX * min(len(text), _PROBE):
        message = "is not text: it is full of control characters"
        raise UnreadableError(message)
    return clean(text)


def _decoded(raw: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strict(raw, encoding) or raw.decode(encoding, errors="replace")
    if (wide := _wide(raw)) is not None:
        return wide
    for named in ("utf-8", declared):
        if named and (strict := _strict(raw, named)) is not None:
            return strict
    chinese = [t for e in ("gb18030", "big5hkscs") if (t := _strict(raw, e)) is not None]
    best = max(chinese, key=_commonness, default="")
    if _commonness(best) > _COMMON_MIN:
        return best
    # Some stray bytes are no reason to lose a text.
    broken = [_replaced(raw, e) for e in ("utf-8", declared, "gb18030", "big5hkscs") if e]
    text = min(broken, key=lambda each: each.count("\ufffd"))
    if text.count("\ufffd") <= max(1, int(_STRAY_MAX * len(text))):
        return text
    if (western := _strict(raw, "cp1252")) is not None:
        return western
    message = "is neither UTF-8, UTF-16, GB18030 nor Big5; save it as UTF-8"
    raise UnreadableError(message)


def _strict(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _replaced(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding, errors="replace")
    except LookupError:
        return raw.decode("ascii", errors="replace")


def _wide(raw: bytes) -> str | None:
    """Return a text in UTF-16 without a mark: every other byte of its Latin part is zero."""
    probe = raw[:_PROBE]
    if b"\0" not in probe or len(raw) % 2:
        return None
    even, odd = probe[::2].count(0), probe[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    return _strict(raw, encoding) if min(even, odd) * 3 <= max(even, odd) else None


def _commonness(text: str) -> float:
    """Return which share of the Chinese characters of `text` are common ones."""
    han = [c for c in text[:_PROBE] if "\u3400" <= c <= "\u9fff"]
    return sum(c in _COMMON for c in han) / len(han) if han else 0.0
