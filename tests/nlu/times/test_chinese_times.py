"""Chinese expressions of time in customers' sentences: spans, values, zones and what is none."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import normalise
from nlu.times.chinese import find_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
#: A Tuesday.
NOW = datetime(2026, 11, 24, 10, 20, tzinfo=SHANGHAI)

_NO_TIMES = (
    "一点都不好用|有点贵|十分感谢|我有两点建议|这两点我不同意|说第三点|服务很周到|日用品在哪"
    "|订单号码是多少|月光宝盒|看起来年轻|5号店在哪|3号线怎么走|给你点赞|可以分期吗|秒杀活动"
    "|天猫旗舰店|等一下|一点|12号楼|7号电池|早上好|晚上好|晚安|早餐|下午茶|小时候|一分钱"
    "|打八折|一时糊涂|同时|过年|新年快乐|周末愉快|圣诞老人|日期|版本3.2.1|24/7|比分3:2"
    "|AB-12345678|电话13812345678|888-000-9999|192.168.1.1|价格3.5元|8分|第2件半价|初中"
    "|三年级|十八岁|25:00|2月31日|13月5日|两三天|前几天|出现在哪|以后天天都行|尾号12号"
    "|快点|晚点再说|月饼礼盒|上半身|五角大楼|周年庆|今日头条|1/2杯|说明日期|明朝家具|上年纪了|1单元9号|五六年|听说明朝"
)


def found(text: str, now: datetime = NOW) -> list[tuple[str, str, str]]:
    """Return the words, kind and value of each expression in `text`, folded."""
    folded = normalise(text).folded
    return [(folded[e.start : e.end], e.kind, e.value) for e in find_times(folded, now)]


def only(text: str, now: datetime = NOW) -> tuple[str, str]:
    """Return words and value of the one expression in `text`."""
    ((words, _, value),) = found(text, now)
    return words, value


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("今天能送到吗", "今天", "2026-11-24"),
        ("昨日下的单还没发货", "昨日", "2026-11-23"),
        ("大后天我不在家", "大后天", "2026-11-27"),
        ("後天方便嗎", "后天", "2026-11-26"),
        ("聽日得唔得", "听日", "2026-11-25"),
        ("下周一上门安装", "下周一", "2026-11-30"),
        ("上周五收到的包裹", "上周五", "2026-11-20"),
        ("改到下下周一吧", "下下周一", "2026-12-07"),
        ("禮拜六有開嗎", "礼拜六", "2026-11-28"),
        ("周二营业吗", "周二", "2026-11-24"),
        ("这周一你们说过", "这周一", "2026-11-23"),
        ("周五买的耳机坏了", "周五", "2026-11-20"),
        ("下個禮拜再聯絡", "下个礼拜", "2026-11-30/2026-12-06"),
        ("这周末有活动吗", "这周末", "2026-11-28/2026-11-29"),
        ("周六日都可以", "周六日", "2026-11-28/2026-11-29"),
        ("二〇二六年十二月二十四号入住", "二〇二六年十二月二十四号", "2026-12-24"),
        ("26年5月的账单", "26年5月", "2026-05-01/2026-05-31"),
        ("民國一百一十五年三月五日", "民国一百一十五年三月五日", "2026-03-05"),
        ("11.24之前能到吗", "11.24之前", "../2026-11-23"),
        ("2026-12-01可以吗", "2026-12-01", "2026-12-01"),
        ("五月三十一日退房", "五月三十一日", "2027-05-31"),
        ("十月一号下的单", "十月一号", "2026-10-01"),
        ("12月24日(周四)到店", "12月24日(周四)", "2026-12-24"),
        ("廿六号到店", "廿六号", "2026-11-26"),
        ("二○二六年三月的账单", "二○二六年三月", "2026-03-01/2026-03-31"),
        ("今個月有優惠嗎", "今个月", "2026-11-01/2026-11-30"),
        ("15号发货吗", "15号", "2026-12-15"),
        ("下个月5号扣款", "下个月5号", "2026-12-05"),
        ("上个月的发票", "上个月", "2026-10-01/2026-10-31"),
        ("本月底到期", "本月底", "2026-11-21/2026-11-30"),
        ("12月中旬出发", "12月中旬", "2026-12-11/2026-12-20"),
        ("年底有优惠吗", "年底", "2026-12-01/2026-12-31"),
        ("上半年的订单", "上半年", "2026-01-01/2026-06-30"),
        ("第三季度的报表", "第三季度", "2026-07-01/2026-09-30"),
        ("上个季度的账单", "上个季度", "2026-07-01/2026-09-30"),
        ("明年四月去旅游", "明年四月", "2027-04-01/2027-04-30"),
        ("三天后来取", "三天后", "2026-11-27"),
        ("半年前买的", "半年前", "2026-05-24"),
        ("过两天再说", "过两天", "2026-11-26"),
        ("最近一周的物流", "最近一周", "2026-11-18/2026-11-24"),
        ("未来三天的天气", "未来三天", "2026-11-25/2026-11-27"),
        ("30天内可以换货", "30天内", "2026-11-24/2026-12-24"),
        ("5月第二个周日是几号", "5月第二个周日", "2027-05-09"),
        ("2021年的第一周", "2021年的第一周", "2021-01-04/2021-01-10"),
    ],
)
def test_days(text: str, words: str, value: str) -> None:
    """Days, weeks, months and parts of them mean the days people mean."""
    assert found(text) == [(words, "date", value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("春节放假吗", "2027-02-06"),
        ("除夕营业吗", "2027-02-05"),
        ("中秋節禮盒", "2027-09-15"),
        ("今年国庆的订单", "2026-10-01"),
        ("元旦那天", "2027-01-01"),
        ("去年双十一买的", "2025-11-11"),
        ("农历八月十五", "2027-09-15"),
        ("大年初三开门吗", "2027-02-08"),
        ("母亲节送花", "2027-05-09"),
        ("清明节休息", "2027-04-05"),
        ("五一出去玩", "2027-05-01"),
    ],
)
def test_holidays_and_lunar_days(text: str, value: str) -> None:
    """Named days are the next to come unless a year is said; lunar ones are converted."""
    assert only(text)[1] == value


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("三点半见", "三点半", "T03:30"),
        ("三點鐘可以嗎", "三点钟", "T03:00"),
        ("三点一刻", "三点一刻", "T03:15"),
        ("差五分八点", "差五分八点", "T07:55"),
        ("下午三点零五分", "下午三点零五分", "T15:05"),
        ("15:30有位吗", "15:30", "T15:30"),
        ("下午3点到5点在家", "下午3点到5点", "T15:00/T17:00"),
        ("凌晨四到六点", "凌晨四到六点", "T04:00/T06:00"),
        ("上午10点到2点", "上午10点到2点", "T10:00/T14:00"),
        ("中午1点", "中午1点", "T13:00"),
        ("晚上12点关门", "晚上12点", "T00:00"),
        ("傍晚送货", "傍晚", "T17:00/T19:00"),
        ("晚上8点左右", "晚上8点左右", "T20:00"),
        ("下午六点之前", "下午六点之前", "../T18:00"),
        ("下午一点", "下午一点", "T13:00"),
        ("明天下午三点半维修", "明天下午三点半", "2026-11-25T15:30+08:00"),
        ("聽日下晝三點", "听日下昼三点", "2026-11-25T15:00+08:00"),
        ("明天一点", "明天一点", "2026-11-25T01:00+08:00"),
        ("明晚12点截止", "明晚12点", "2026-11-26T00:00+08:00"),
        ("12月1日15:30", "12月1日15:30", "2026-12-01T15:30+08:00"),
        ("三天后的下午三点", "三天后的下午三点", "2026-11-27T15:00+08:00"),
        ("两小时后回电", "两小时后", "2026-11-24T12:20+08:00"),
        ("一个半小时前", "一个半小时前", "2026-11-24T08:50+08:00"),
        ("过十分钟打给我", "过十分钟", "2026-11-24T10:30+08:00"),
        ("现在就要", "现在", "2026-11-24T10:20+08:00"),
        ("明天中午之前", "明天中午之前", "../2026-11-25T11:00+08:00"),
        (
            "下週三上午方便",
            "下周三上午",
            "2026-12-02T06:00+08:00/2026-12-02T12:00+08:00",
        ),
        (
            "后天上午10点到12点",
            "后天上午10点到12点",
            "2026-11-26T10:00+08:00/2026-11-26T12:00+08:00",
        ),
        (
            "今晚10点到明早6点",
            "今晚10点到明早6点",
            "2026-11-24T22:00+08:00/2026-11-25T06:00+08:00",
        ),
        ("半小时内到", "半小时内", "2026-11-24T10:20+08:00/2026-11-24T10:50+08:00"),
    ],
)
def test_times_of_day(text: str, words: str, value: str) -> None:
    """Times of day, alone or with a day, and hours told from now."""
    assert found(text) == [(words, "time", value)]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("3月3日至5日", "3月3日至5日", "2027-03-03/2027-03-05"),
        ("11月20-25日", "11月20-25日", "2026-11-20/2026-11-25"),
        ("从8月到2月", "从8月到2月", "2026-08-01/2027-02-28"),
        ("周五到下周二", "周五到下周二", "2026-11-27/2026-12-01"),
        ("2016-2018年", "2016-2018年", "2016-01-01/2018-12-31"),
        ("周五之前", "周五之前", "../2026-11-26"),
        ("周五之后", "周五之后", "2026-11-28/.."),
        ("从下周一开始", "从下周一开始", "2026-11-30/.."),
        ("截止到月底", "截止到月底", "../2026-11-30"),
        ("自从8月坏了", "自从8月", "2026-08-01/.."),
        (
            "帮我查一下10月15日到10月20日的订单",
            "10月15日到10月20日",
            "2026-10-15/2026-10-20",
        ),
        ("看下3月的账单", "3月", "2026-03-01/2026-03-31"),
        ("月底前能修好吗", "月底前", "../2026-11-30"),
        ("到周五为止", "到周五为止", "../2026-11-27"),
        ("12月1日及以前", "12月1日及以前", "../2026-12-01"),
        ("2010年之后2018年之前", "2010年之后2018年之前", "2011-01-01/2017-12-31"),
    ],
)
def test_ranges_of_days(text: str, words: str, value: str) -> None:
    """Ranges include both days; before and after leave the day out, until and since do not."""
    assert found(text) == [(words, "date", value)]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("等了三天", "三天", "P3D"),
        ("要一个半小时", "一个半小时", "PT1H30M"),
        ("大概两天半", "两天半", "P2DT12H"),
        ("三个月的会员", "三个月", "P3M"),
        ("三个半月", "三个半月", "P3M15D"),
        ("兩個禮拜", "两个礼拜", "P2W"),
        ("一年零三个月", "一年零三个月", "P1Y3M"),
        ("保修两年半", "两年半", "P2Y6M"),
        ("还要两个钟头", "两个钟头", "PT2H"),
        ("等咗三個鐘", "三个钟", "PT3H"),
        ("一刻钟", "一刻钟", "PT15M"),
        ("8天20小时", "8天20小时", "P8DT20H"),
        ("7天无理由退货", "7天", "P7D"),
        ("我去过4个月", "4个月", "P4M"),
        ("保质100年", "100年", "P100Y"),
    ],
)
def test_durations(text: str, words: str, value: str) -> None:
    """Lengths of time are ISO 8601 durations."""
    assert found(text) == [(words, "duration", value)]


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("每周一送货", "每周一", "FREQ=WEEKLY;BYDAY=MO"),
        ("逢周三休息", "逢周三", "FREQ=WEEKLY;BYDAY=WE"),
        ("每周一、三、五", "每周一、三、五", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("每周一到周五", "每周一到周五", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("每天早上八点", "每天早上八点", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0"),
        ("每晚十点提醒我", "每晚十点", "FREQ=DAILY;BYHOUR=22;BYMINUTE=0"),
        ("每隔两天浇水", "每隔两天", "FREQ=DAILY;INTERVAL=3"),
        ("每两周一次", "每两周", "FREQ=WEEKLY;INTERVAL=2"),
        ("每月5号扣款", "每月5号", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("每个月最后一天", "每个月最后一天", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("每年5月1日", "每年5月1日", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1"),
        ("每个工作日", "每个工作日", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ],
)
def test_recurrences(text: str, words: str, value: str) -> None:
    """What recurs is an RFC 5545 rule."""
    assert found(text) == [(words, "recurrence", value)]


@pytest.mark.parametrize(
    "text",
    _NO_TIMES.split("|"),
)
def test_other_words_are_no_times(text: str) -> None:
    """Words and numbers that only look like times are none."""
    assert found(text) == []


def test_several_expressions_in_one_sentence() -> None:
    """Each expression of a sentence is found on its own, hours apart from a rule's days."""
    assert found("我上周三下的单，今天还没到，明天上午能送吗") == [
        ("上周三", "date", "2026-11-18"),
        ("今天", "date", "2026-11-24"),
        (
            "明天上午",
            "time",
            "2026-11-25T06:00+08:00/2026-11-25T12:00+08:00",
        ),
    ]
    assert found("周一至周五9:00-18:00") == [
        ("周一至周五", "date", "2026-11-30/2026-12-04"),
        ("9:00-18:00", "time", "T09:00/T18:00"),
    ]


def test_months_end_and_leap_years() -> None:
    """Months clamp to their end, and 29 February is only where it exists."""
    january = datetime(2027, 1, 31, 12, tzinfo=SHANGHAI)

    assert only("一个月后", january)[1] == "2027-02-28"
    assert only("二月底", january)[1] == "2027-02-21/2027-02-28"
    assert only("2月29日", january)[1] == "2028-02-29"
    assert found("2027年2月29日", january) == []
    assert only("31号", january)[1] == "2027-01-31"
    assert only("30号", january)[1] == "2027-03-30"
    assert only("一年前", datetime(2028, 2, 29, tzinfo=SHANGHAI))[1] == "2027-02-28"


def test_offsets_follow_summer_time() -> None:
    """A value has the offset of its own day; hours from now are real hours."""
    eve = datetime(2027, 3, 27, 22, tzinfo=BERLIN)

    assert only("明天下午三点", eve)[1] == "2027-03-28T15:00+02:00"
    assert only("今晚十一点", eve)[1] == "2027-03-27T23:00+01:00"
    assert only("五小时后", eve)[1] == "2027-03-28T04:00+02:00"
    # 02:30 does not exist that night.
    assert only("明天凌晨两点半", eve)[1] == "2027-03-28T03:30+02:00"


def test_today_is_the_customers() -> None:
    """The same moment is another day in another zone."""
    late = datetime(2026, 11, 24, 23, 30, tzinfo=ZoneInfo("America/New_York"))

    assert only("明天", late)[1] == "2026-11-25"
    assert only("明天", late.astimezone(SHANGHAI))[1] == "2026-11-26"


@pytest.mark.parametrize(
    "now", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)]
)
def test_the_ends_of_the_calendar_hold(now: datetime) -> None:
    """Nothing raises where calendars end."""
    assert only("今天", now)[1] == now.date().isoformat()
    for text in (
        "昨天",
        "明天下午三点",
        "三年前",
        "三年后",
        "去年",
        "后年春节",
        "上周一",
        "九千天后",
    ):
        assert len(found(text, now)) <= 2


_FRAGMENTS = (
    "今天 明 后天 上 下 周 星期 三 十 二十 年 月 号 日 点 半 分 刻 上午 晚上 早 前 后 之前 之内 "
    "从 到 和 之间 至 - ~ 每 隔 个 小时 天 2026 11 24 31 : / . 农历 正月 初一 春节 差 大约 最近 "
    "未来 第 最后 的 底 初 世纪 90 年代 民国 截止到 起 现在 00 99999 百 零 "
    "\ud800 \u202e 😀 年底 季度"
)
NOISE = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.lists(st.sampled_from(_FRAGMENTS.split()), max_size=14).map("".join),
)
MOMENTS = st.datetimes(timezones=st.just(BERLIN))


@given(NOISE, MOMENTS)
def test_no_text_raises_and_spans_are_sane(text: str, now: datetime) -> None:
    """Whatever is written, spans lie in order within the text and dates are dates."""
    folded = normalise(text).folded
    last = 0
    for each in find_times(folded, now):
        assert last <= each.start < each.end <= len(folded)
        assert each.value
        last = each.end
        if each.kind == "date":
            days = [day for day in each.value.split("/") if day != ".."]
            assert days
            assert sorted(days) == days
            assert all(date.fromisoformat(day).year for day in days)


@pytest.mark.parametrize(
    "part",
    [
        "一",
        "1",
        "周一",
        "年月日😀",
        "三点",
        "1年",
        "每周一,",
        "三天后",
        "1月1日到",
        "差五分",
        "年 ",
    ],
)
def test_long_hostile_texts_take_no_time(part: str) -> None:
    """A text of 100,000 characters is read in less than 50 ms."""
    text = (part * 100_000)[:100_000]
    started = time.process_time()
    find_times(text, NOW)

    assert time.process_time() - started < 0.05
