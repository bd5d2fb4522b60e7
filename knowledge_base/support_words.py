"""Words by which a sentence is held against a passage: empty ones, like ones and opposites.

Lists only; `evidence` reads them and `support` decides. Chinese words are Simplified.
"""

import re
from typing import Final

from knowledge_base.terms import stem

#: Words of grammar and of politeness: they state nothing.
_EMPTY: Final = """
    a an the this that these those it its it's they them their we us our you your yours he she i my
    me be is am are was were been being isn't have has had having do does did done doing will would
    shall to of in on at by for with from as into onto about and or but so than then there here
    which who whom whose what how why where it'll you'll we'll you're we're they're i'm that's
    yes ok okay please simply just also too both either well very really sure certainly happy glad
    thank thanks sorry hello hi of course well note remember know let tell mean means say said like
    want wish need get gets got make makes made go goes come comes give gives given take takes
    taken took use used using put way instead thus ca wo thing things case own out up down off
    over again back still
    yet however therefore because since while when if once such per each via through between
    directly easily normally currently available possible able can could may might must should
    have already now whose one ones same other another any some more most less least only all
    every always never not no nor without within before after until unless except
"""
_EMPTY_HAN: Final = """
    的 了 吗 呢 啊 吧 呀 嘛 我 你 您 他 她 它 我们 你们 您们 他们 咱们 是 有 在 和 与 及 以及 并
    并且 就 都 也 还
    要 能 会 可 可以 能够 请 请问 这 那 这个 那个 这些 那些 其 其中 该 此 本 一个 个 想 给 么 把
    被 让 向 对 对于
    从 到 至 由 于 为 为了 以 用 使用 通过 按 按照 根据 如果 若 若是 如 时 时候 的话 则 而 而且
    但 但是 不过 或 或者 所以 因此
    因为 由于 然后 再 又 才 很 非常 比较 更 最 一下 一些 有些 怎么 什么 如何 是否 哪些 哪 谁
    多少 几 地 得 着 过 来 去
    进行 需 需要 须 必须 应 应该 应当 不 没 没有 无 无法 未 别 勿 不能 不可 不会 不是 只 仅 只能
    只有 只要 除 除了 外
    之前 以前 前 之后 以后 后 内 以内 之内 中 里 上 下 所 所有 全部 任何 每 各 至少 最多 最少
    左右 大约 约 一般 通常 可能
    即可 便 即 均 皆 将 已 已经 正在 目前 现在 您好 谢谢 抱歉 好的 直接 另外 此外 同时 当 等
    方式 情况 方面 情况下
    哦 噢 嗯 哟 拿 做 办 提供 享 享受 属于 进 出 起 完 成 好 后续 间 期间 条件 仍 仍然 还是 之
    与否 或是 可供 并不 都是
"""

#: Each line is one meaning: words that may stand for each other.
_ALIKE: Final = """
    return back
    refund reimburse repay
    delivery deliver shipping ship shipment dispatch arrive
    parcel package
    buy purchase
    cost price charge fee
    free complimentary
    phone telephone call ring
    email mail
    warranty guarantee guaranteed
    repair fix mend
    broken defective faulty damaged
    exchange swap replace replacement
    cancel cancellation
    change alter modify amend
    start begin commence
    end finish expire
    day daily
    week weekly
    month monthly
    year yearly annual
    home house household
    office workplace company business firm
    customer client buyer
    staff colleague employee team
    invoice bill fapiao
    instalment installment
    discount reduction rebate
    voucher coupon code
    receive arrive arrival get
    arrive reach
    open unsealed opened
    unopened sealed
    unused new
    large big
    small little
    quick fast rapid express
    within inside
    box packaging packing carton
    last valid
    clean wash
    pay payment paid
    price pricing
    choose select pick
    press tap click push
    descale descaling
    store keep
    ask request
    answer reply respond
    hear reply
    talk conversation interview
    application apply
    position job vacancy
    list publish
    size dimension
    weigh weight
    height high tall
    hot warm
    recommend suggest advise
    need require
    help assist support
    collect fetch
    register subscribe
    account profile
    password passcode
    screen display
    show display
    switch turn
    unplug disconnect
    empty drain
    minimum least
    maximum most
    shop store
    worldwide international abroad
    inland domestic
    address location
    hour time
    opening open
    closed shut
    closing close
    product item goods
    amount quantity
    allow permit may
    work function operate
    carrier courier
    post mail
    label sticker
    bag sachet
"""
_ALIKE_HAN: Final = """
    退货 退回 退还 寄回 退
    退款 退钱 返还 退
    送货 配送 送达 发货 寄送 运送 派送 快递 寄
    运费 邮费 配送费 快递费
    免费 包邮 免 不收费 免收 不要钱
    包裹 快递 包裹件
    购买 买 选购 下单 订购
    价格 价钱 费用 收费 售价
    电话 致电 拨打 热线
    邮箱 邮件 电子邮件 电邮
    保修 质保 保修期
    维修 修理 修
    损坏 坏 破损 故障
    换货 更换 换 调换
    取消 撤销
    修改 更改 改 变更
    开始 起
    结束 到期 截止
    客户 顾客 用户
    员工 同事 同仁
    公司 企业 办公室
    发票 账单
    折扣 优惠 打折
    优惠券 券 代金券
    收到 收货 签收 到货
    拆封 打开 开封 启封
    清洗 清洁 洗 洗净
    付款 支付 付
    选择 选 挑选
    点击 按 按下 点
    联系 咨询 找
    回复 答复 回答
    门店 店 商店
    地址 位置
    商品 产品 货品 物品
    数量 件数
    原包装 包装 包装箱 盒子
    未使用 没用过 全新
    账户 帐户 账号
    工作日 上班日
    周一至周五 平日
    营业 开门 营业时间
    公司 我们公司
    重量 重
    高度 高
    推荐 建议
    帮助 协助
    登记 注册
    成立 创立 创办
    适合 适用
    说明 告诉 告知
    每天 每日 天天
    每周 每星期
    每月 月度
    仅限 只限
    收取 收
    支持 可用
    热水 开水
    申请 应聘
    面谈 面试 聊
    快 迅速 尽快
"""

#: Phrases that are one word -> that word.
_PHRASES: Final = (
    (
        r"\b(?:send|sent|sending|give|gave|given|giving|bring|brought|sends) (?:it |them )?back\b",
        "return",
    ),
    (r"\b(?:money|pay|paid|pays) back\b", "refund"),
    (r"\b(?:pick|picked|picking) up\b", "collect"),
    (r"\b(?:sign|signed|signing) up\b", "register"),
    (r"\b(?:free of charge|at no (?:extra )?cost|no (?:extra )?charge|without charge)\b", "free"),
    (r"\b(?:e-mail)", "email"),
    (r"\b(?:mon-fri|monday (?:to|through|-) friday)\b", "weekday"),
)
PHRASES: Final = tuple((re.compile(form), word) for form, word in _PHRASES)

#: Words of opposite meaning, each as the beginning of its forms.
_OPPOSITES: Final = """
    cool warm hot cold
    short long
    big small large
    high low
    optional required mandatory compulsory
    include exclude
    increase decrease reduce
    early late
    minimum maximum
    cheap expensive
    open close shut
    online offline in-store
    accept refuse reject
    allow forbid prohibit
    add remove
    first last
    same different
    start end
    new old
    empty full
    enable disable
    weekday weekend
    buy sell
    manual automatic
    plug unplug
    personal business
    可选 必须 必需
    包括 不含 排除
    增加 减少
    提前 推迟 延后
    线上 线下 网上 门店
    接受 拒绝
    打开 关闭
    首次 末次
    新 旧
    大 小
    高 低
    冷 热
    长 短
    升温 降温
    买家 卖家 我们
"""
_OPPOSED: Final = tuple(
    frozenset(map(stem, line.split())) for line in _OPPOSITES.strip().splitlines()
)
OPPOSITES: Final = {
    word: frozenset(other for group in _OPPOSED if word in group for other in group - {word})
    for group in _OPPOSED
    for word in group
}

EMPTY: Final = frozenset(_EMPTY.split()) | frozenset(map(stem, _EMPTY.split()))
EMPTY_HAN: Final = frozenset(_EMPTY_HAN.split())


def _groups(lines: str, *, stems: bool) -> dict[str, frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for line in lines.strip().splitlines():
        words = line.split()
        if stems:
            words = [" ".join(map(stem, re.split("-", word))) for word in words]
        for word in words:
            groups.setdefault(word, set()).update(words)
    return {word: frozenset(alike) for word, alike in groups.items()}


#: Word -> all that may stand for it; several words are joined by blanks.
ALIKE: Final = _groups(_ALIKE, stems=True)
ALIKE_HAN: Final = _groups(_ALIKE_HAN, stems=False)
