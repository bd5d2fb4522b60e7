"""Instructions: marks of texts that talk to a language model instead of to a reader.

A passage with such a mark is never shown to a model, and a sentence with one is never shown to a
customer. It is a fence besides others: what a model writes is held against the passages anyway.
"""

import re
from typing import Final

from nlu.text import normalise

_INSTRUCTIONS: Final = (
    (
        r"(?:ignor|disregard|forget|overrid|bypass)\w*[^.!?。！？]{0,40}"
        r"(?:instruction|prompt|rule|guideline|direction|above|previous|prior|earlier|policy"
        r"|policies)"
    ),
    r"(?:system|developer|hidden|initial|secret)[ _-]?(?:prompt|message|instruction)",
    (
        r"(?:you are|you're|act as|pretend to be|roleplay as)[^.!?。！？]{0,30}(?:now|assistant"
        r"|ai\b|language model|chatbot|jailbr|dan\b)"
    ),
    (
        r"(?:as an?|to the|dear|attention|note to|hey) (?:ai|a\.i\.|llm|language model|assistant"
        r"|chatbot|gpt|model)\b"
    ),
    (
        r"(?:answer|reply|respond|output|say|print|write)(?: only)?(?: exactly| verbatim"
        r"| with the words| the following)"
    ),
    (
        r"(?:reveal|repeat|print|show|output|leak)[^.!?。！？]{0,30}(?:prompt|instruction|api key"
        r"|password|secret)"
    ),
    (
        r"<\|?(?:im_start|im_end|system|endoftext|user|assistant)\|?>|\[/?inst\]|<</?sys>>"
        r"|^#+ ?(?:system|instruction)"
    ),
    r"(?:^|\n|[\"'“])\s*(?:system|assistant|developer)\s*[:：]",
    r"jailbreak|do anything now|prompt injection",
    (
        r"(?:忽略|无视|忘记|忘掉|不要理会|绕过|覆盖)[^。！？]{0,20}(?:指令|指示|提示|规则|设定|要求"
        r"|上文|上述|以上|之前|前面)"
    ),
    r"系统(?:提示|指令|消息|设定)|提示词|开发者(?:模式|消息)|越狱",
    r"你(?:现在)?(?:是|扮演|假装)[^。！？]{0,15}(?:助手|人工智能|语言模型|机器人|ai)",
    r"(?:ai|人工智能|语言模型|大模型|助手)[^。！？]{0,6}(?:请|必须|应当|务必|注意)",
    r"(?:请|必须|只)?(?:回答|回复|输出|说出|打印)(?:以下|下面|下列|如下|这句)",
)
_INSTRUCTION: Final = re.compile("|".join(f"(?:{each})" for each in _INSTRUCTIONS), re.M)
#: A long run without blanks, as of base64: nothing a customer could use.
_ENCODED: Final = re.compile(
    r"(?<![\w/+.@-])(?=[\w+/]*\d)(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])[A-Za-z0-9+/]{24,}={0,2}(?![\w/.@-])"
)


def instructs(text: str) -> bool:
    """Tell whether `text` seems to address a language model, or hides what it says."""
    normal = normalise(text)
    return bool(_INSTRUCTION.search(normal.folded) or _ENCODED.search(normal.plain))
