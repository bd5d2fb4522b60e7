"""Introductions in English: "I'm Anna Li from Acme Ltd", "Tom here", "Regards, Anna"."""

import re
from collections.abc import Iterator

from nlu.given_names import GIVEN_NAMES
from nlu.introduction import Introduction
from nlu.places import gazetteer, without_marks

_LETTERS = "A-Za-zÀ-ɏ"
_CAPITAL = rf"[A-ZÀ-ÖØ-Þ][{_LETTERS}'’-]{{0,30}}"
_PARTICLE = r"(?:de|la|del|von|van|der|den|bin|al|el|da|di|dos|ter|zu|le)"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sir)\.?[ ])?"
_NAME = rf"(?P<name>{_CAPITAL}(?:[ ](?:{_PARTICLE}[ ]){{0,2}}(?:[A-Z]\.|{_CAPITAL})){{0,3}})"
_ANY_WORD = rf"[{_LETTERS}][{_LETTERS}'’-]{{0,30}}"
_ANY_NAME = rf"(?P<name>{_ANY_WORD}(?:[ ]{_ANY_WORD}){{0,3}})"
_SUFFIX = (
    r"(?:Ltd|Limited|Inc|Incorporated|LLC|LLP|PLC|Plc|GmbH|AG|Corp|Corporation|Co|Company|Group"
    r"|Pty|SA|SAS|BV|Oy|AB|Holdings|Partners|Labs|Studios?)"
)
_COMPANY_WORD = r"[A-Z0-9À-ÖØ-Þ][\w&'’.-]{0,30}"
_COMPANY = rf"(?P<company>{_COMPANY_WORD}(?:[ ](?:&|and|of|{_COMPANY_WORD})){{0,5}})"
_KIND = (
    r"(?:firm|company|shop|store|bakery|restaurant|business|agency|start-?up|studio|practice|cafe"
    r"|café|hotel|salon|brand|school|clinic|garage)"
)
_ROLE = (
    r"(?:ceo|cto|cfo|coo|owner|co-?owner|founder|co-?founder|director|manager|head(?:[ ]of[ ]\w+)?"
    r"|president|partner|engineer|buyer|assistant|secretary|developer|designer|accountant"
    r"|(?:sales|office|marketing|purchasing|product|project)[ ](?:manager|director|lead))"
)

_SURE = re.compile(
    rf"(?i:\bmy (?:full |first )?name is|\bmy name['’]s|\bmy name[ ]?:|\bthe name['’]?s?(?: is)?"
    rf"|(?:^|[,.!] ?)name is|\b(?:(?:just|please|you can|they|people) )?call me"
    rf"|(?<![a-z] )(?<![a-z])name[ ]?:"
    rf"|\b(?:customer|contact|full|first|contact person)(?: name)?[ ]?:"
    rf"|\bthey call me|\bi go by|\bi(?:['’]m| am) called|(?:^|\n)name -)"
    rf"[ ]{{0,2}}{_TITLE}{_ANY_NAME}"
)
_LIKELY = re.compile(
    rf"(?<![\w'’])(?:(?i:i am|i['’]m|im|this is|here is|it['’]s(?: me,?)?|it is|it['’]s me,"
    rf"|you(?: are|['’]re) speaking (?:with|to)|speaking (?:with|to)|signed[,:]?))"
    rf"[ ]{_TITLE}{_NAME}"
    r"(?=[ ](?:from|at|of|with|and|here|again|speaking|calling|writing|by)\b"
    r"|[ ]?[,.!?;:(\n，。–-]|[ ]?$)"
)
#: In small letters a name is one only when a company follows.
_SMALL = re.compile(
    r"(?<![\w'’])(?i:i am|i['’]m|im|this is|it['’]s) "
    r"(?P<name>[a-z]{2,20}(?: [a-z]{2,20}){0,2}?)"
    r" (?:from|here from|calling from|over at) (?P<company>[a-z0-9]\w{1,30})"
)
#: Or when it is a well-known one and nothing else is said in its clause.
_SMALL_ALONE = re.compile(
    r"(?<![\w'’])(?i:i am|i['’]m|im|this is|it['’]s) (?P<name>[a-z]{2,20}(?: [a-z]{2,20})?)"
    r"(?=[ ]?(?:[,.!?;\n]|$)| (?:here|again|speaking|and|from)\b)"
)
_HERE = re.compile(
    rf"(?:^|[.!?\n]\s?"
    rf"|(?i:\b(?:hi|hello|hey|greetings|dear all|good (?:morning|afternoon|evening))"
    rf"(?: there)?[,!.]? )){_TITLE}{_NAME}"
    rf"(?:[ ](?:from|of|at|with)[ ]{_COMPANY})?[ ](?:here\b(?![ ](?:is|are))|speaking\b|calling\b)"
    rf"(?:[ ](?:from|of|at|with)[ ](?P<company2>{_COMPANY_WORD}(?:[ ]{_COMPANY_WORD}){{0,3}}))?"
)
_GREETED = re.compile(
    rf"(?i:\b(?:hi|hello|hey)(?: there)?[,!.]? ){_NAME}[ ]from[ ](?:[a-z]+[ ]){{0,4}}{_COMPANY}"
)
_SIGNED = re.compile(
    rf"(?i:(?:(?:best|kind|kindest|warm|many) )?(?:regards|wishes)|sincerely|cheers|thanks"
    rf"|thank you|thx|yours(?: truly| sincerely)?|best|love|br)[,.!]?\s{{0,3}}[-–—]?\s?"
    rf"{_TITLE}{_NAME}[ ]?\.?(?:(?:\s{{1,3}}|[ ]?[,|][ ]?){_COMPANY})?"
    r"\s{0,3}\Z"
)
_AFTER_NAME = re.compile(
    rf"(?:[ ]?[,(]?[ ]?(?:(?i:and )?(?i:(?:the |an? )?{_ROLE},? ))?"
    rf"(?:here[ ]|calling[ ]|writing[ ])?(?:from|at|of|with|for|on behalf of)"
    rf"(?:[ ](?:(?:the|a|an|[a-z]+)[ ]){{0,4}}{_KIND})?[ ]"
    rf"|[ ]?[,(;][ ]?)"
    rf"{_COMPANY}(?P<close>[ ]?[.,;!)，。]|[ ]?$|[ ])"
)
_AFFILIATION = re.compile(
    r"(?:(?i:\bi work (?:for|at)|\bi['’]m with|\bi am with|\bwe are|\bwe['’]re|\bwe at"
    r"|\b(?:our|my) (?:company|firm|business|employer)(?:['’]s name)? is(?: called| named)?"
    r"|(?<![a-z] )(?<![a-z])(?:company|employer|firm|organi[sz]ation)(?: name)?[ ]?:"
    r"|\bcompany name is"
    rf"|\bon behalf of|\brepresenting|\bi represent|\b(?:calling|writing) (?:from|for)"
    rf"|\b{_ROLE} (?:of|at)|\b{_KIND},? (?:named|called)))[ ]{{0,2}}(?i:the )?{_COMPANY}"
)
_NAMED = re.compile(
    rf"(?<!\w)(?P<company>{_COMPANY_WORD}(?:[ ](?:&|and|of|{_COMPANY_WORD})){{0,4}}"
    rf"[ ]{_SUFFIX}\.?(?:,?[ ]{_SUFFIX}\.?)?)(?!\w)"
)
_TITLED = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\b")
_TIME = re.compile(r"\d{1,4}(?:[.:]\d\d)?(?:am|pm|h)?", re.IGNORECASE)
_AND = re.compile(r"(?: (?:and|of|&))+$")
_DOTTED = re.compile(r"\b(?:Co|Inc|Ltd|Corp)\.$")

#: Words that end a name, or that show it is none.
_STOP_WORDS = """
book anymore use make reserve table reservation
from at of with and but so i we the a an my your his her our its their is are was were am be
been not no nor just very really too quite looking trying sorry happy sad here there interested
going calling writing having using glad afraid sure unable waiting fine good ok okay still also
about to in on for or as please what why how when where who which it this that these those new
back done ready all any some nobody anybody somebody everybody everyone anyone someone nothing
everything something customer client order delivery parcel product support team service sales
help bye later today tomorrow tonight yesterday now soon again maybe never always ever asap if
because since until monday tuesday wednesday thursday friday saturday sunday january february
march july september october november december great bad wrong right urgent
important ridiculous unacceptable amazing awesome terrible awful correct incorrect wonderful
perfect horrible true false missing spelled misspelled different required changed unknown
invalid broken late early free busy vegetarian vegan allergic pregnant retired alone lost stuck
tired sick ill angry mad upset confused disappointed curious worried pleased satisfied
impressed up down out off over under away home first last next only same me him them us you he
she they hi hello hey thanks thank cheers yes yeah nope english american british german french
spanish italian chinese japanese korean indian russian canadian australian irish scottish dutch
swiss austrian polish turkish mexican brazilian european asian african swedish danish norwegian
finnish portuguese greek arab muslim christian jewish buddhist windows android iphone ipad mac
linux pro plus one two three more less much many lots per can could will would shall should
must may might do does did has have had get got make made need want like love know think see
wait stop let try check send ship pay buy cancel return refund change open close then than kind
regards best wishes sincerely dear sir madam mr mrs ms dr miss wife husband mother father
friend boss mum mom dad son daughter it's i'm i've that's what's yours mine whatever certainly
absolutely definitely taxi cab anytime anyway afternoon morning evening noon between before
after by office phone mobile email number address question problem issue complaint feedback
information
"""
_STOP = frozenset(_STOP_WORDS.split())
#: Endings of words that are no names in small letters.
_NO_NAME_ENDING = re.compile(r"(?:ing|ed|ly|ful|less|ous|able|ish)\Z")
#: Names that end like such words.
_NAMES = """
mohammed mohamed muhammed ahmed saeed khaled majed fred jared alfred ted ned ed reed syed waleed
ming ying ping jing bing qing ling ting xing ding king kelly sally molly emily lily holly billy
beverly kimberly polly carly wally bily trish harish satish girish manish danish
"""
_NAMES_LIKE_WORDS = frozenset(_NAMES.split())
#: No company either.
_NO_COMPANY_WORDS = """
i you he she they me us it this that is are the a an my your our please where what when why how
who can could do does did will would thanks hi hello hey customer support monday tuesday
wednesday thursday friday saturday sunday happy open looking ready sorry still not here there
your not very if and but so or because also as since order american british german french
chinese based inc new
"""
_NO_COMPANY = frozenset(_NO_COMPANY_WORDS.split())

#: No English introduction is without one of these.
_SIGN = re.compile(
    rf"(?i:name|call(?:ing)? |\bi am|\bi['’]m|\bim\b|is is|ere is|it['’]s|\bit is|i work|we are"
    rf"|we['’]re|we at|company|firm|behalf|represent|speaking| here\b|employer|organi|contact"
    rf"|writing for"
    rf"|regards|wishes|sincerely|cheers|thanks|thank you|thx|yours|\bbest|\blove|\bbr\b|i go by"
    rf"|called|named|\b{_ROLE}\b|signed|hi |hello |hey )|[ ]{_SUFFIX}\b"
)


def _small_alone(text: str) -> Iterator[Introduction]:
    for match in _SMALL_ALONE.finditer(text):
        first, _, last = match["name"].partition(" ")
        if first in GIVEN_NAMES and (not last or _may_be_name(last)):
            yield Introduction("person", match.start("name"), match.end("name"))


def english_introductions(text: str) -> Iterator[Introduction]:
    """Yield the names a text gives in English; spans may overlap."""
    if not _SIGN.search(text):
        return
    yield from _sure_and_likely(text)
    for pattern in (_HERE, _GREETED, _SIGNED):
        for match in pattern.finditer(text):
            end = match.start("name") + _name_length(match["name"], small=False)
            if end == match.end("name"):
                yield Introduction("person", match.start("name"), end)
                for group in ("company", "company2"):
                    if group in pattern.groupindex and match[group]:
                        yield from _company(match, group)
    for pattern in (_AFFILIATION, _NAMED):
        for match in pattern.finditer(text):
            if not _TITLED.match(match["company"]):
                yield from _company(match)


def _sure_and_likely(text: str) -> Iterator[Introduction]:
    last_name = "first name" in text.lower()
    for pattern in (_SURE, _LIKELY):
        for match in pattern.finditer(text):
            if last_name and text[: match.start("name")].lower().rstrip(": ").endswith(
                "last name"
            ):
                continue
            length = _name_length(match["name"], small=pattern is _SURE)
            if length == 0 or (pattern is _LIKELY and length < len(match["name"])):
                continue
            end = match.start("name") + length
            yield Introduction("person", match.start("name"), end)
            yield from _company_behind(text, match.start("name"), end)
    yield from _small_alone(text)
    for match in _SMALL.finditer(text):
        words = match["name"].split()
        if not all(map(_may_be_name, words)):
            continue
        yield Introduction("person", match.start("name"), match.end("name"))
        if match["company"] not in _STOP:
            yield from _company(match)


def _company_behind(text: str, start: int, end: int) -> Iterator[Introduction]:
    """Yield the company behind a name: "from Acme", "(Acme)", or ", Acme" that ends a clause."""
    match = _AFTER_NAME.match(text, end)
    if match is None:
        return
    led = any(c.islower() for c in text[end : match.start("company")])
    again = bool({*text[start:end].split()} & {*match["company"].split()})  # "Bond, James Bond"
    if led or (not again and (match["close"].strip() or not match["close"])):
        yield from _company(match)


def _company(match: re.Match[str], group: str = "company") -> Iterator[Introduction]:
    written = match[group]
    words = written.split()
    if words[0].lower().strip(".'’") in _NO_COMPANY or written.lower() in _STOP:
        return
    if _TIME.fullmatch(words[0]) or words[0].lower().replace("’", "'").endswith(("'re", "'m")):
        return
    name = _AND.sub("", written).rstrip(" ,&'’-")
    if name.endswith(".") and not _DOTTED.search(name):
        name = name.rstrip(".")
    if name and not _is_place(name):
        yield Introduction("company", match.start(group), match.start(group) + len(name))


def _is_place(name: str) -> bool:
    return without_marks(name.lower()) in gazetteer().latin


def _may_be_name(word: str) -> bool:
    lower = word.lower()
    if lower in _STOP or lower.endswith(("'re", "'m", "'ve", "'ll", "n't")):
        return False
    ending = word.islower() and _NO_NAME_ENDING.search(word) is not None
    return not ending or word in _NAMES_LIKE_WORDS


def _name_length(written: str, *, small: bool) -> int:
    """Return how much of `written` is a name: up to the first word that never is in one."""
    length = 0
    for match in re.finditer(r"\S+", written):
        word = match[0].rstrip(".").replace("’", "'")
        if not _may_be_name(word):
            break
        # "Anna and ..." written small ends at once; a capital first name is not followed by "bla".
        if small and length and word.islower() and written[0].isupper():
            break
        length = match.end()
    return len(written[:length].rstrip(" .'’-"))
