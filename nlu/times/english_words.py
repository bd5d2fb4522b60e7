"""English words that tell times, and the classes the grammar speaks of."""

from nlu.times.moment import Clock

_MONTHS = "january february march april may june july august september october november december"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS.split())}
WEEKDAY_PLURALS = {f"{name}s": number for name, number in WEEKDAYS.items()}
WEEKDAYS |= {name[:3]: number for name, number in WEEKDAYS.items()}
WEEKDAYS |= {"tues": 1, "wedn": 2, "weds": 2, "thur": 3, "thurs": 3}
BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
SMALL = {word: value for value, word in enumerate(_SMALL.split())}
_TEN_WORDS = "twenty thirty forty fifty sixty seventy eighty ninety"
TENS = {word: 10 * value for value, word in enumerate(_TEN_WORDS.split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000}
_FIRST = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
ORDINALS = {word: value for value, word in enumerate(_FIRST.split(), start=1)}
ORDINALS |= {"twentieth": 20, "thirtieth": 30}

_DAY = 86400.0
#: Units with their (months, days, seconds).
UNITS: dict[str, tuple[float, float, float]] = {}
for _names, _length in (
    ("second seconds sec secs", (0, 0, 1)),
    ("minute minutes min mins", (0, 0, 60)),
    ("hour hours hr hrs", (0, 0, 3600)),
    ("day days", (0, 1, 0)),
    ("night nights", (0, 1, 0)),
    ("week weeks", (0, 7, 0)),
    ("weekend weekends", (0, 7, 0)),
    ("fortnight fortnights", (0, 14, 0)),
    ("month months", (1, 0, 0)),
    ("quarter quarters", (3, 0, 0)),
    ("year years yr yrs", (12, 0, 0)),
    ("decade decades", (120, 0, 0)),
):
    UNITS |= dict.fromkeys(_names.split(), _length)
#: Units that are written right behind digits only: 10d, 3h.
GLUED_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week"}
GLUED_UNITS |= {"y": "year", "ys": "year"}

#: Parts of a day: first hour and the hour after the last.
PARTS: dict[str, tuple[int, int]] = {
    "morning": (6, 12),
    "midmorning": (9, 11),
    "lunchtime": (12, 14),
    "lunch": (12, 14),
    "breakfast": (7, 9),
    "afternoon": (12, 18),
    "midafternoon": (14, 16),
    "dinner": (18, 20),
    "dinnertime": (18, 20),
    "evening": (18, 22),
    "night": (18, 24),
    "nighttime": (18, 24),
    "daytime": (8, 18),
}
PART_PLURALS = {f"{name}s": name for name in ("morning", "afternoon", "evening", "night")}
#: Which share of a part early, mid and late mean.
SHARES = {"early": (0.0, 0.5), "mid": (0.25, 0.75), "middle": (0.25, 0.75), "late": (0.5, 1.0)}
INSTANTS = {
    "noon": Clock(12),
    "noonish": Clock(12),
    "midday": Clock(12),
    "midnight": Clock(24),
}

#: How many units on a word points: of weeks, months, years.
RELATIVE = {"this": 0, "current": 0, "same": 0, "that": 0, "the": 0, "my": 0}
RELATIVE |= dict.fromkeys(("next", "coming", "upcoming", "following"), 1)
RELATIVE |= dict.fromkeys(("last", "past", "previous"), -1)

#: Words and what they count: "a few days".
COUNTS = {"couple": 2, "few": 3, "several": 3, "some": 3}

SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
FREQUENCIES = {
    "hourly": "FREQ=HOURLY",
    "daily": "FREQ=DAILY",
    "everyday": "FREQ=DAILY",
    "nightly": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "biweekly": "FREQ=WEEKLY;INTERVAL=2",
    "fortnightly": "FREQ=WEEKLY;INTERVAL=2",
    "monthly": "FREQ=MONTHLY",
    "bimonthly": "FREQ=MONTHLY;INTERVAL=2",
    "quarterly": "FREQ=MONTHLY;INTERVAL=3",
    "semiannual": "FREQ=MONTHLY;INTERVAL=6",
    "semiannually": "FREQ=MONTHLY;INTERVAL=6",
    "yearly": "FREQ=YEARLY",
    "annual": "FREQ=YEARLY",
    "annually": "FREQ=YEARLY",
}
_AUXILIARIES = "will would should shouldn't can does doesn't did didn't not won't must may"
AUXILIARIES = _AUXILIARIES.split()
_DEEDS = (
    "ordered bought purchased received paid arrived came got visited cancelled canceled returned "
    "delivered shipped sent placed called spoke emailed asked told happened started stopped broke "
    "went signed picked complained tried left"
)
#: What was done on a day of the past.
DEEDS = _DEEDS.split()
_PERSONS = "i we they he she it you and i've we've they've he's she's it's which that who"
PERSONS = _PERSONS.split()
_PRICES = "dollars dollar euros euro pounds pound usd yuan rmb bucks times time"
#: Before "a month" they tell a price or a count.
PRICES = _PRICES.split()
_ZONES = "pst est cst mst pdt edt cdt gmt utc bst cet cest pt et hkt"
ZONES = _ZONES.split()
_OTHERS = (
    "tonight tonite now time asap oclock clock eod eoy eom eow weekday weekdays workday workdays "
    "workweek moment present date century mid chinese lunar lantern dragon moon"
)
#: Words that tell a time and are in no other table.
OTHERS = _OTHERS.split()
MARKS = {
    ",": "COMMA",
    ".": "DOT",
    "-": "DASH",
    "–": "DASH",
    "—": "DASH",
    "~": "DASH",
    "/": "SLASH",
    "@": "ATSIGN",
    "(": "OPEN",
    ")": "CLOSE",
    "'": "QUOTE",
    ">": "MORE",
    "<": "LESS",
    "=": "SAME",
    ";": "STOP",
    "!": "STOP",
    "?": "STOP",
    ":": "COLON",
}
