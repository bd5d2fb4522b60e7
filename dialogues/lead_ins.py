"""Lead-ins: what customers write before a name, and after it before their e-mail address."""

import re
from typing import Final

NAME_LEAD: Final = re.compile(
    r"^(?:(?:hi|hello)[,!. ]*)?"
    r"(?:my name is|my name's|i am|i'm|it's|it is|this is|call me|name:"
    r"|我(?:的名字)?(?:叫做?|是)|名字(?:是|叫)|叫我|姓名[:是]?)\s*",
    re.IGNORECASE,
)
COMPANY_LEAD: Final = re.compile(
    r"^(?:(?:my|our|the) company(?:'s name)? is|(?:i|we) work (?:for|at)"
    r"|i(?: am|'m) (?:from|with)|we(?:'re| are)(?: from)?|it's|it is|company:"
    r"|(?:我们?)?公司(?:名称?|名字)?(?:是|叫做?|[:])|我们(?:是|叫)|我在)\s*",
    re.IGNORECASE,
)
#: "…, and my e-mail is anna@acme.com" behind a name.
_EMAIL_BEHIND: Final = re.compile(
    r"(?<=\w)[\s,;:/.]+(?:(?:and|my|the|our) +)*(?:e-?mail(?: address)?(?: is)?)?[\s:]*"
    r"(?:我?的?(?:邮箱|郵箱)(?:地址)?[是为為]?)?[\s:]*[^\s<>,;:()\"']{1,64}@[A-Za-z0-9.-]{1,253}\W*$",
    re.IGNORECASE,
)
#: What stands before an address that has no name before it.
_NO_NAME: Final = re.compile(
    r"(?:\b(?:and|my|the|our|your|an?|is|it|s|it'?s|this|that|e-?mail|mail|address|use|send|write|to|at"
    r"|please|yes|ok|sure|here|you|can|reach|me|take|try)\b[\s,:]*|[我的邮箱郵件地址是为為发發到写寫给請请用，：:\s]+)*",
    re.IGNORECASE,
)


def before_email(text: str) -> str:
    """Return `text` without an e-mail address at its end and the words that lead to it."""
    name = _EMAIL_BEHIND.sub("", text, count=1)
    return text if _NO_NAME.fullmatch(name) else name
