"""A small bilingual bot that books trains, sells by name and plays songs, taught by examples."""

import re
from collections.abc import Mapping

from nlu.language import written_in
from nlu.text import normalise
from nlu.training_data import Example, TrainingData, parse_example

#: Cities are annotated in short here and written out below: (city:origin).
_LINES = {
    "book_train": """
a ticket from [Krakow](city:origin) to [Lublin](city:destination)
I want to travel from [Lyon](city:origin) to [Nantes](city:destination) tomorrow
book a train from [Porto](city:origin) to [Braga](city:destination)
two seats to [Gdansk](city:destination) please
is there a train to [Turin](city:destination) tonight
I need to get to [Bergen](city:destination) from [Oslo](city:origin)
train from [Ghent](city:origin) please
can I go from [Malmo](city:origin) to [Lund](city:destination) by train
when does the train to [Cork](city:destination) leave
我要从[上海](city:origin)到[杭州](city:destination)的车票
订一张从[广州](city:origin)到[桂林](city:destination)的火车票
买从[成都](city:origin)到[昆明](city:destination)的票
从[西安](city:origin)到[洛阳](city:destination)的火车几点开
有没有到[大连](city:destination)的火车
我想去[厦门](city:destination)
去[青岛](city:destination)的车票多少钱
""",
    "play": """
play [Autumn Rain](song) by [Nora Field](artist)
play [Blue Harbour](song)
can you play [Glass River](song) by [Tom Oakley](artist)
I want to hear [Silent Orchard](song)
put on something by [Mira Stone](artist)
play the song [Northern Light](song) by [Eva Lindt](artist)
play some music
播放[林小雨](artist)的[秋天的信](song)
我想听[陈一鸣](artist)的[海边](song)
放一首[王若兰](artist)的歌
播放歌曲[月光小路](song)
来一首[赵天明](artist)的[旧时光](song)
放点音乐
""",
    "price": """
how much is the [kettle]{"entity": "goods", "value": "copper_kettle"}
how much is the [tea pot](goods)
what does the [grinder](goods) cost
what is the price of the [milk jug](goods)
do you have the [bread box](goods) in stock
[茶壶](goods)多少钱
[研磨机](goods)什么价格
请问[水壶]{"entity": "goods", "value": "copper_kettle"}多少钱
这个[面包箱](goods)有货吗
[台灯](goods)多少钱一个
那个[电饭煲](goods)多少钱
[毛巾](goods)多少钱
""",
    "refund": """
I want my money back
please refund me
give me a refund
我要退款
把钱退给我
请退钱
""",
}

LANGUAGES = ("en", "zh")
_ROLE = re.compile(r"\(city:(\w+)\)")
_WRITTEN = r'{"entity": "city", "role": "\1"}'


def travel(
    *,
    synonyms: Mapping[str, tuple[str, ...]] | None = None,
    lookups: Mapping[str, tuple[str, ...]] | None = None,
    patterns: Mapping[str, tuple[str, ...]] | None = None,
) -> TrainingData:
    """Return the bot's training data, with synonyms, lookups and patterns as given."""
    examples = []
    for intent, lines in _LINES.items():
        for line in lines.strip().split("\n"):
            text, annotations = parse_example(_ROLE.sub(_WRITTEN, line))
            language = written_in(normalise(text), languages=LANGUAGES)
            examples.append(Example(text, intent, language, annotations))
    return TrainingData(tuple(examples), LANGUAGES, synonyms or {}, lookups or {}, patterns or {})
