"""One payload of every kind WeChat calls back with, and what it must become."""

from dataclasses import dataclass, field

from channels.messages import Choice, InboundContent, Location, Media, Notice, Text, Unsupported

PEER = "oPeer-1_abcdefghijklmnopqrst"
ORIGINAL_ID = "gh_0123456789ab"
#: When all of it was said, Unix seconds: the time at which tests play.
SECONDS = 1772442000


@dataclass(frozen=True)
class Sample:
    """A payload's own part, its meaning, and the rights it brings to an official account."""

    kind: str  #: MsgType, or `event`
    fields: str  #: XML
    content: InboundContent
    rights: tuple[int, int] | None = None  #: messages and seconds
    event: str = ""
    json: dict[str, object] = field(default_factory=dict)  #: the same as JSON, where that differs


def xml_of(sample: Sample, *, msg_id: str = "23456789012345678", peer: str = PEER) -> str:
    """Return the whole payload as WeChat writes it."""
    own = f"<Event><![CDATA[{sample.event}]]></Event>" if sample.event else ""
    ids = "" if sample.event else f"<MsgId>{msg_id}</MsgId>"
    return (
        f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>\n"
        f"<FromUserName><![CDATA[{peer}]]></FromUserName>\n"
        f"<CreateTime>{SECONDS}</CreateTime>\n<MsgType><![CDATA[{sample.kind}]]></MsgType>\n"
        f"{own}{sample.fields}{ids}</xml>"
    )


def _fields(**texts: str) -> str:
    return "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in texts.items())


WROTE = (5, 48 * 3600)
TOUCHED = (3, 60)


def reported(what: str, **data: str) -> Notice:
    """Return what the channel tells of itself."""
    return Notice(name="reported", data={"what": what, **data})


SAMPLES: dict[str, Sample] = {
    "text": Sample(
        "text", _fields(Content="你好 😀 ]]&gt; <b>"), Text(text="你好 😀 ]]&gt; <b>"), WROTE
    ),
    "text of an article": Sample(
        "text",
        _fields(Content="a") + "<MsgDataId>7</MsgDataId><Idx>1</Idx>",
        Text(text="a"),
        WROTE,
    ),
    "text from a menu": Sample(
        "text",
        _fields(Content="是的", bizmsgmenuid="confirm:yes"),
        Choice(value="confirm:yes", label="是的"),
        TOUCHED,
    ),
    "text for a sticker": Sample(
        "text",
        _fields(Content="【收到不支持的消息类型，暂无法显示】"),
        Unsupported(what="text"),
        WROTE,
    ),
    "empty text": Sample("text", "<Content/>", Unsupported(what="text"), WROTE),
    "image": Sample(
        "image",
        _fields(PicUrl="http://mmbiz.qpic.cn/p/0", MediaId="media-1"),
        Media(url="http://mmbiz.qpic.cn/p/0", mime="image/jpeg", reference="media-1"),
        WROTE,
    ),
    "voice": Sample(
        "voice",
        _fields(MediaId="media-2", Format="amr"),
        Media(url="", mime="audio/amr", reference="media-2"),
        WROTE,
    ),
    "voice in speex": Sample(
        "voice",
        _fields(MediaId="media-2", Format="speex"),
        Media(url="", mime="audio/speex", reference="media-2"),
        WROTE,
    ),
    "voice that was understood": Sample(
        "voice",
        _fields(MediaId="media-2", Format="amr", Recognition="我要退货"),
        Text(text="我要退货"),
        WROTE,
    ),
    "video": Sample(
        "video",
        _fields(MediaId="media-3", ThumbMediaId="thumb"),
        Media(url="", mime="video/mp4", reference="media-3"),
        WROTE,
    ),
    "short video": Sample(
        "shortvideo",
        _fields(MediaId="media-4", ThumbMediaId="thumb"),
        Media(url="", mime="video/mp4", reference="media-4"),
        WROTE,
    ),
    "video without a reference": Sample("video", "", Unsupported(what="video"), WROTE),
    "location": Sample(
        "location",
        "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale>"
        + _fields(Label="广州"),
        Location(latitude=23.134521, longitude=113.358803),
        WROTE,
    ),
    "location beyond the poles": Sample(
        "location",
        "<Location_X>123</Location_X><Location_Y>nan</Location_Y>",
        Unsupported(what="location"),
        WROTE,
    ),
    "link": Sample(
        "link",
        _fields(Title="Shop", Description="Our shop", Url="https://shop.example/"),
        Text(text="Shop\nOur shop\nhttps://shop.example/"),
        WROTE,
    ),
    "mini-program page": Sample(
        "miniprogrampage",
        _fields(Title="Cart", AppId="wx1", PagePath="p", ThumbUrl="https://t", ThumbMediaId="t"),
        Unsupported(what="miniprogrampage Cart"),
        WROTE,
    ),
    "of a later kind": Sample("hologram", _fields(X="1"), Unsupported(what="hologram"), WROTE),
    "follow": Sample("event", _fields(EventKey=""), Notice(name="followed"), TOUCHED, "subscribe"),
    "follow by a code": Sample(
        "event",
        _fields(EventKey="qrscene_spring", Ticket="ticket-1"),
        Notice(name="followed", data={"scene": "spring", "ticket": "ticket-1"}),
        TOUCHED,
        "subscribe",
    ),
    "unfollow": Sample("event", "", Notice(name="unfollowed"), None, "unsubscribe"),
    "scan": Sample(
        "event",
        _fields(EventKey="spring", Ticket="ticket-1"),
        Notice(name="opened", data={"scene": "spring", "ticket": "ticket-1"}),
        TOUCHED,
        "SCAN",
    ),
    "position": Sample(
        "event",
        "<Latitude>23.1</Latitude><Longitude>113.3</Longitude><Precision>119.3</Precision>",
        reported("location", latitude="23.1", longitude="113.3"),
        None,
        "LOCATION",
    ),
    "menu click": Sample(
        "event", _fields(EventKey="flow:hours"), Choice(value="flow:hours"), TOUCHED, "CLICK"
    ),
    "menu click without a key": Sample("event", "", reported("click"), TOUCHED, "CLICK"),
    "menu view": Sample(
        "event",
        _fields(EventKey="https://shop.example/", MenuId="4"),
        reported("view", key="https://shop.example/", menu="4"),
        None,
        "VIEW",
    ),
    "menu mini-program": Sample(
        "event",
        _fields(EventKey="p/i"),
        reported("view_miniprogram", key="p/i"),
        None,
        "view_miniprogram",
    ),
    "menu scan": Sample(
        "event",
        _fields(EventKey="k")
        + f"<ScanCodeInfo>{_fields(ScanType='qrcode', ScanResult='A1')}</ScanCodeInfo>",
        reported("scancode_push", key="k", scanned="A1"),
        TOUCHED,
        "scancode_push",
    ),
    "menu scan that is answered": Sample(
        "event",
        _fields(EventKey="k")
        + f"<ScanCodeInfo>{_fields(ScanType='barcode', ScanResult='CODE_39,A1')}</ScanCodeInfo>",
        Text(text="CODE_39,A1"),
        TOUCHED,
        "scancode_waitmsg",
    ),
    "menu camera": Sample(
        "event",
        _fields(EventKey="k")
        + "<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>x</PicMd5Sum></item></PicList>"
        "</SendPicsInfo>",
        reported("pic_sysphoto", key="k", pictures="1"),
        None,
        "pic_sysphoto",
    ),
    "menu albums": Sample(
        "event",
        _fields(EventKey="k")
        + "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>x</PicMd5Sum></item>"
        "<item><PicMd5Sum>y</PicMd5Sum></item></PicList></SendPicsInfo>",
        reported("pic_weixin", key="k", pictures="2"),
        None,
        "pic_weixin",
    ),
    "menu place": Sample(
        "event",
        _fields(EventKey="k")
        + "<SendLocationInfo><Location_X>23</Location_X><Location_Y>113</Location_Y>"
        "<Scale>15</Scale><Label>广州</Label><Poiname></Poiname></SendLocationInfo>",
        reported("location_select", key="k", place="广州"),
        None,
        "location_select",
    ),
    "mass message sent": Sample(
        "event",
        "<MsgID>1988</MsgID><Status>send success</Status><TotalCount>100</TotalCount>"
        "<FilterCount>80</FilterCount><SentCount>75</SentCount><ErrorCount>5</ErrorCount>",
        reported(
            "masssendjobfinish",
            id="1988",
            status="send success",
            total="100",
            filtered="80",
            sent="75",
            errors="5",
        ),
        None,
        "MASSSENDJOBFINISH",
    ),
    "template message sent": Sample(
        "event",
        "<MsgID>200163836</MsgID><Status>failed:user block</Status>",
        reported("templatesendjobfinish", id="200163836", status="failed:user block"),
        None,
        "TEMPLATESENDJOBFINISH",
    ),
    "consent": Sample(
        "event",
        "<SubscribeMsgPopupEvent><List><TemplateId>t1</TemplateId>"
        "<SubscribeStatusString>accept</SubscribeStatusString><PopupScene>2</PopupScene></List>"
        "<List><TemplateId>t2</TemplateId><SubscribeStatusString>reject</SubscribeStatusString>"
        "<PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>",
        reported("subscribe_msg_popup_event", accept="t1", reject="t2"),
        None,
        "subscribe_msg_popup_event",
        {
            "SubscribeMsgPopupEvent": None,
            "List": [
                {"TemplateId": "t1", "SubscribeStatusString": "accept", "PopupScene": "2"},
                {"TemplateId": "t2", "SubscribeStatusString": "reject", "PopupScene": "2"},
            ],
        },
    ),
    "consent withdrawn": Sample(
        "event",
        "<SubscribeMsgChangeEvent><List><TemplateId>t1</TemplateId>"
        "<SubscribeStatusString>reject</SubscribeStatusString></List></SubscribeMsgChangeEvent>",
        reported("subscribe_msg_change_event", reject="t1"),
        None,
        "subscribe_msg_change_event",
    ),
    "subscription message sent": Sample(
        "event",
        "<SubscribeMsgSentEvent><List><TemplateId>t1</TemplateId><MsgID>9</MsgID>"
        "<ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>",
        reported("subscribe_msg_sent_event", success="t1"),
        None,
        "subscribe_msg_sent_event",
    ),
    "mini-program entered": Sample(
        "event",
        _fields(SessionFrom="cart"),
        Notice(name="opened", data={"scene": "cart"}),
        None,
        "user_enter_tempsession",
    ),
    "given to staff": Sample(
        "event",
        _fields(KfAccount="test1@test"),
        reported("kf_create_session", staff_account="test1@test"),
        None,
        "kf_create_session",
    ),
    "of an event of later": Sample("event", _fields(Z="1"), reported("dreamt"), None, "Dreamt"),
}
