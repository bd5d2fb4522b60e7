"""Names of places that the sources of `scripts/places.py` lack, and which names need care."""

#: unit | value | names: ISO 3166-2.
REGIONS = """
CN-AH | Anhui | 安徽 | 安徽省
CN-BJ | Beijing | 北京市
CN-CQ | Chongqing | 重庆市
CN-FJ | Fujian | 福建 | 福建省
CN-GD | Guangdong | 广东 | 广东省
CN-GS | Gansu | 甘肃 | 甘肃省
CN-GX | Guangxi | 广西 | 广西省 | 广西壮族自治区
CN-GZ | Guizhou | 贵州 | 贵州省
CN-HA | Henan | 河南 | 河南省
CN-HB | Hubei | 湖北 | 湖北省
CN-HE | Hebei | 河北 | 河北省
CN-HI | Hainan | 海南 | 海南省
CN-HL | Heilongjiang | 黑龙江 | 黑龙江省
CN-HN | Hunan | 湖南 | 湖南省
CN-JL | Jilin | 吉林 | 吉林省
CN-JS | Jiangsu | 江苏 | 江苏省
CN-JX | Jiangxi | 江西 | 江西省
CN-LN | Liaoning | 辽宁 | 辽宁省
CN-NM | Inner Mongolia | 内蒙古 | 内蒙 | 内蒙古自治区
CN-NX | Ningxia | 宁夏 | 宁夏回族自治区
CN-QH | Qinghai | 青海 | 青海省
CN-SC | Sichuan | 四川 | 四川省 | Szechuan
CN-SD | Shandong | 山东 | 山东省
CN-SN | Shaanxi | 陕西 | 陕西省
CN-SX | Shanxi | 山西 | 山西省
CN-XJ | Xinjiang | 新疆 | 新疆维吾尔自治区
CN-XZ | Tibet | 西藏 | 西藏自治区 | Xizang
CN-YN | Yunnan | 云南 | 云南省
CN-ZJ | Zhejiang | 浙江 | 浙江省
GB-ENG | England | 英格兰
GB-SCT | Scotland | 苏格兰
GB-WLS | Wales | 威尔士 | 威尔斯
GB-NIR | Northern Ireland | 北爱尔兰
US-AL | Alabama | 亚拉巴马州 | 阿拉巴马州 | 阿拉巴马
US-AK | Alaska | 阿拉斯加 | 阿拉斯加州
US-AZ | Arizona | 亚利桑那 | 亚利桑那州
US-AR | Arkansas | 阿肯色 | 阿肯色州
US-CA | California | 加利福尼亚 | 加利福尼亚州 | 加州
US-CO | Colorado | 科罗拉多 | 科罗拉多州
US-CT | Connecticut | 康涅狄格 | 康涅狄格州 | 康州
US-DE | Delaware | 特拉华 | 特拉华州
US-DC | District of Columbia | 哥伦比亚特区
US-FL | Florida | 佛罗里达 | 佛罗里达州 | 佛州
US-GA | Georgia | 佐治亚 | 佐治亚州 | 乔治亚州
US-HI | Hawaii | 夏威夷 | 夏威夷州
US-ID | Idaho | 爱达荷 | 爱达荷州
US-IL | Illinois | 伊利诺伊 | 伊利诺伊州 | 伊利诺州
US-IN | Indiana | 印第安纳 | 印第安纳州
US-IA | Iowa | 艾奥瓦 | 艾奥瓦州 | 爱荷华 | 爱荷华州
US-KS | Kansas | 堪萨斯州
US-KY | Kentucky | 肯塔基 | 肯塔基州
US-LA | Louisiana | 路易斯安那 | 路易斯安那州
US-ME | Maine | 缅因 | 缅因州
US-MD | Maryland | 马里兰 | 马里兰州
US-MA | Massachusetts | 马萨诸塞 | 马萨诸塞州 | 麻省 | 麻州
US-MI | Michigan | 密歇根 | 密歇根州 | 密西根州
US-MN | Minnesota | 明尼苏达 | 明尼苏达州
US-MS | Mississippi | 密西西比 | 密西西比州
US-MO | Missouri | 密苏里 | 密苏里州
US-MT | Montana | 蒙大拿 | 蒙大拿州
US-NE | Nebraska | 内布拉斯加 | 内布拉斯加州
US-NV | Nevada | 内华达 | 内华达州
US-NH | New Hampshire | 新罕布什尔 | 新罕布什尔州
US-NJ | New Jersey | 新泽西 | 新泽西州
US-NM | New Mexico | 新墨西哥 | 新墨西哥州
US-NY | New York State | New York | 纽约州
US-NC | North Carolina | 北卡罗来纳 | 北卡罗来纳州 | 北卡
US-ND | North Dakota | 北达科他 | 北达科他州
US-OH | Ohio | 俄亥俄 | 俄亥俄州
US-OK | Oklahoma | 俄克拉何马 | 俄克拉何马州 | 俄克拉荷马州
US-OR | Oregon | 俄勒冈 | 俄勒冈州
US-PA | Pennsylvania | 宾夕法尼亚 | 宾夕法尼亚州 | 宾州
US-RI | Rhode Island | 罗得岛州 | 罗德岛
US-SC | South Carolina | 南卡罗来纳 | 南卡罗来纳州 | 南卡
US-SD | South Dakota | 南达科他 | 南达科他州
US-TN | Tennessee | 田纳西 | 田纳西州
US-TX | Texas | 得克萨斯 | 得克萨斯州 | 德克萨斯 | 德克萨斯州 | 得州 | 德州
US-UT | Utah | 犹他 | 犹他州
US-VT | Vermont | 佛蒙特 | 佛蒙特州
US-VA | Virginia | 弗吉尼亚 | 弗吉尼亚州 | 维吉尼亚州
US-WA | Washington | Washington State | 华盛顿州
US-WV | West Virginia | 西弗吉尼亚 | 西弗吉尼亚州
US-WI | Wisconsin | 威斯康星 | 威斯康星州
US-WY | Wyoming | 怀俄明 | 怀俄明州
CA-AB | Alberta | 艾伯塔省 | 阿尔伯塔省 | 阿尔伯塔
CA-BC | British Columbia | 不列颠哥伦比亚 | 卑诗省 | BC省
CA-MB | Manitoba | 马尼托巴 | 曼尼托巴
CA-NB | New Brunswick | 新不伦瑞克
CA-NL | Newfoundland | Newfoundland and Labrador | 纽芬兰
CA-NS | Nova Scotia | 新斯科舍
CA-ON | Ontario | 安大略 | 安大略省 | 安省
CA-PE | Prince Edward Island | 爱德华王子岛
CA-QC | Quebec | Québec | 魁北克省 | 魁省
CA-SK | Saskatchewan | 萨斯喀彻温
AU-NSW | New South Wales | NSW | 新南威尔士 | 新南威尔士州 | 新州
AU-NT | Northern Territory | 北领地
AU-QLD | Queensland | 昆士兰 | 昆士兰州
AU-SA | South Australia | 南澳
AU-TAS | Tasmania | 塔斯马尼亚
AU-VIC | Victoria | 维多利亚州 | 维州
AU-WA | Western Australia | 西澳
DE-BY | Bavaria | 巴伐利亚
"""

#: value/country -> what people call a city besides.
ALIASES = {
    "New York City/US": "NYC|N.Y.C.|New York",
    "Los Angeles/US": "L.A.",
    "San Francisco/US": "SF|旧金山|三藩市",
    "Washington/US": "Washington DC|Washington D.C.|DC|华盛顿特区",
    "Philadelphia/US": "Philly",
    "Las Vegas/US": "Vegas",
    "Saint Louis/US": "St. Louis",
    "Sankt-Peterburg/RU": "Saint Petersburg|St Petersburg",
    "Saint Petersburg/RU": "St Petersburg|Petersburg",
    "Beijing/CN": "Peking|北京|帝都",
    "Shanghai/CN": "上海|魔都",
    "Guangzhou/CN": "Canton|广州",
    "Chongqing/CN": "Chungking|重庆",
    "Tianjin/CN": "Tientsin|天津",
    "Xi'an/CN": "Xian|西安",
    "Xiamen/CN": "Amoy",
    "Hong Kong/HK": "HK|HongKong",
    "Taipei/TW": "台北",
    "Taichung/TW": "台中",
    "Mumbai/IN": "Bombay",
    "Kolkata/IN": "Calcutta",
    "Chennai/IN": "Madras",
    "Bengaluru/IN": "Bangalore",
    "Ho Chi Minh City/VN": "Saigon|胡志明市|西贡",
    "Hanoi/VN": "Ha Noi",
    "Yangon/MM": "Rangoon",
    "Kyiv/UA": "Kiev",
    "Odesa/UA": "Odessa",
    "Munich/DE": "München|Muenchen",
    "Koeln/DE": "Köln|Cologne",
    "Cologne/DE": "Köln|Koeln",
    "Frankfurt am Main/DE": "Frankfurt",
    "Nuernberg/DE": "Nuremberg",
    "Nurnberg/DE": "Nuremberg|Nürnberg",
    "Dusseldorf/DE": "Düsseldorf|Duesseldorf",
    "Zurich/CH": "Zürich|Zuerich",
    "Geneva/CH": "Genève|Genf",
    "Geneve/CH": "Geneva",
    "Vienna/AT": "Wien",
    "Rome/IT": "Roma",
    "Milan/IT": "Milano",
    "Turin/IT": "Torino",
    "Naples/IT": "Napoli",
    "Venice/IT": "Venezia",
    "Florence/IT": "Firenze",
    "Genoa/IT": "Genova",
    "Lisbon/PT": "Lisboa",
    "Sevilla/ES": "Seville",
    "Prague/CZ": "Praha",
    "Warsaw/PL": "Warszawa",
    "Krakow/PL": "Cracow",
    "Copenhagen/DK": "København",
    "Goeteborg/SE": "Gothenburg|Göteborg",
    "Moscow/RU": "Moskva",
    "Brussels/BE": "Bruxelles",
    "Antwerpen/BE": "Antwerp",
    "The Hague/NL": "Den Haag",
    "Mexico City/MX": "Ciudad de México|CDMX",
    "Seoul/KR": "首尔|汉城",
    "Sydney/AU": "悉尼|雪梨",
    "Melbourne/AU": "墨尔本",
    "Toronto/CA": "多伦多",
    "Montreal/CA": "Montréal|蒙特利尔|满地可",
    "Quebec/CA": "Quebec City|魁北克市",
    "Newcastle upon Tyne/GB": "Newcastle",
    "Stoke-on-Trent/GB": "Stoke",
    "Kingston upon Hull/GB": "Hull",
    "Kuala Lumpur/MY": "KL|吉隆坡",
    "City of London/GB": "",
}

#: English names where the sources have the place's own, by city and country, or country.
ENGLISH = {
    "TR": "Turkey",
    "CI": "Ivory Coast",
    "CG": "Congo",
    "CD": "DR Congo",
    "Koln/DE": "Cologne",
    "Hannover/DE": "Hanover",
    "Sevilla/ES": "Seville",
    "Gent/BE": "Ghent",
    "Makkah/SA": "Mecca",
    "Nurnberg/DE": "Nuremberg",
    "Brugge/BE": "Bruges",
    "Luzern/CH": "Lucerne",
    "Venezia/IT": "Venice",
}

#: Smaller cities that everybody names.
SMALL = (
    "Venice/IT Venezia/IT Brugge/BE Luzern/CH Lucerne/CH Canterbury/GB Durham/GB Windsor/GB "
    "Windsor/CA Monaco/MC Pisa/IT Davos/CH Cannes/FR Calais/FR Avignon/FR Siena/IT Lugano/CH "
    "Potsdam/DE Passau/DE Bamberg/DE Heidelberg/DE Dover/GB Hereford/GB Salisbury/GB Galway/IE "
    "Limerick/IE Santa_Fe/US Key_West/US Palo_Alto/US Mountain_View/US Cupertino/US Malibu/US "
    "Honolulu/US Juneau/US Beverly_Hills/US Niagara_Falls/CA Victoria/CA Whistler/CA Banff/CA "
    "Reykjavik/IS Vaduz/LI Valletta/MT"
)

#: Besides CLDR's name.
COUNTRY_NAMES = {
    "AE": "UAE|United Arab Emirates|Emirates|阿联酋",
    "BA": "Bosnia",
    "CD": "DR Congo|DRC",
    "CG": "Congo",
    "CI": "Ivory Coast",
    "CN": "PR China|Mainland China|Peoples Republic of China|中国大陆|中华人民共和国|大陆",
    "CZ": "Czech Republic",
    "GB": "UK|U.K.|Great Britain|Britain|不列颠|大不列颠",
    "HK": "Hong Kong|HongKong|HK|港",
    "KP": "",
    "KR": "Korea|South Korea|南韩",
    "MM": "Myanmar|Burma",
    "MO": "Macao|Macau",
    "NL": "Holland|The Netherlands|Netherlands",
    "NZ": "纽西兰",
    "PS": "Palestine",
    "RU": "Russia|俄国",
    "TR": "Turkey|Türkiye|Turkiye",
    "TW": "Taiwan|ROC|台湾省",
    "US": "USA|U.S.A.|U.S.|US|America|United States of America|the States|美利坚合众国",
    "VA": "Vatican",
    "VN": "Viet Nam",
}

#: Latin names that are sure, though they are short, words or given names too; "_" is a blank.
CLEAR = """
shanghai cape_town valencia bursa fort_worth lviv jeju
accra adelaide alaska algiers america ankara arizona arlington athens atlanta auckland
bahamas baku bangkok basel belfast bergen berlin bermuda bern birmingham bombay bonn
boston brazil bremen brisbane bristol britain brooklyn brussels budapest busan cairo
calgary california cambridge canada cardiff chicago chile china cologne colorado coventry
dakar dallas delaware delhi denver detroit doha dresden dubai dublin edinburgh england
essen florida france frankfurt geneva genoa germany glasgow graz hague hamburg hanoi
hanover havana hawaii houston idaho illinois india indiana iowa isle_of_man istanbul italy
jakarta japan kansas kiel kyiv kyoto lagos leeds leicester lille lima linz liverpool
london lyon macao macau macedonia madrid malaga manchester manila massachusetts melbourne
memphis mexico miami michigan milan minnesota monaco montreal moscow nairobi nantes naples
nebraska nevada newcastle nottingham nyc odessa ohio oklahoma ontario oregon osaka oslo
ottawa oxford pakistan panama paris peking perth peru petersburg philadelphia plymouth
portland porto portsmouth prague pune riga rome saigon scotland seattle seoul sheffield
shenzhen singapore sofia southampton spain sydney taipei tangier texas tokyo toronto
tripoli tunis turin uae uk usa utah vegas venice vermont vienna wales warsaw wellington
wien wisconsin wyoming york zurich
"""

#: Sure only with a capital or a preposition.
LIKELY = """
bordeaux chad cleveland cologne columbus cuba dc derby dominica drc guernsey guinea
hamilton hebron hk kingston kobe maine mali malta montana niger nsw oman philly phoenix
richmond rio roma salem samoa the_states togo tonga turkey u.s. washington
"""

#: Given names too.
GIVEN = """
alberta augusta aurora austin brandon carolina carson charlotte clinton eugene florence
george georgia irving jackson jordan leon lincoln madison mary nancy orlando regina
santiago santos savannah tyler vera victoria virginia warren
"""

#: Words too.
WORDS = """
reunion toyota angers bath batman best canton champagne emirates hull java jersey kl lens
male man of
reading roc sale sf stoke tours us van
"""

#: Chinese names that are words, or pieces of other words, too.
HAN_WORDS = """
达尔文 杰克逊 林肯 夏洛特 伊丽莎白 休斯顿 维多利亚 金山
下关 海东 南城 上越 太和 华城 海城 大兴 宝安 汉中
汉堡 德州 一宫 万宁 万州 万源 三明 三沙 三重 东区 东台 东城 东方 东海 东阳 中区 中卫 中和
中国港 中坜 中央 中山 中心 中正 中津 丰原 丰台 丰城 丰田 义马 乐平 五家 仁和 任城
信义 信阳 光州 光明 全州 公主岭 共和 兴化 兴平 内江 利川 前桥 北仑 北区 北方 北海
南区 南川 南方 南海 双流 台东 合作 合川 同江 和平 和平区 和田 四平 固原 土城 城关
城区 城阳 塘沽 大丰 大兴 大分 大同 大名 大和 大城 大安 大安区 大港 大理 大田 大足
大里 大陆 天安 太仓 太和 太平 宁安 安全 安宁 安定 安康 安心 安达 定州 富阳 小山
山阳 崇左 巴中 平原 平和 平安 平安区 平顶 广场 延安路 建德 建设 开封 拉萨尔 文山
文昌 新乐 新华 新城 新市 新庄 新店 新建 新村 新民 日照 日立 昌平 昌都 明光 明治
普宁 朝阳 本田 来宾 松山 板桥 林芝 正定 武汉三镇 水原 永和 永安 永川 永康 江东
江北 江油 江津 河东 河内 河西 河间 海城 海门 清水 港 港口 牙山 白银 百色 石门
福山 禹州 自贡 西区 西城 通化 通州 那曲 都匀 金沙 长沙发 长治 长野 阳春 阿城 阿里
青年 顺义 高安 高松 高知 高要 高邮 高阳 龙门
长寿 朝霞 城西 都城 三城 凤城 花城 大东 大津 太田 安东 山口 川口 松本 广义 三河
三峡 三岛 巴里 平山 松原 松江 白山 百城 黑河 罗利 龙山 龙井 普洱 南山 东兴 兴城
青山 玉山 红山 马街 恒山 巫山 万城 德西 高崎 中野 上田 西条 西隆 新安 新港 新桥
乐城 平阳 富山 古河 高冈 长宁 福安 定海 大庆 广安 建昌 开平 广水 安山 北江 南村
新乡 新山 东海
"""

#: And those that are sure, whatever a dictionary says.
HAN_CLEAR = """
达卡 利马 杜拜 仰光 平壤 基辅 珀斯 南通 九龙 遵义 商丘
金边 神户 科隆 宝鸡 常德 宿迁 曲靖 茂名 许昌 安曼 龙岩
毕节 都灵 仙台 新潟 攀枝花 熊本 丹佛 邵阳 黄石 百色
不来梅 图森 利兹 张家界 里昂 酒泉 宁德 葫芦岛 安顺 昭通
怀化 运城 坦帕 承德 芽庄 怡保 亚庇 古晋 槟城 新山
三亚 上海 上饶 东京 东莞 东营 临沂 义乌 乌鲁木齐 云南 京都 仁川 伦敦 佛山 保定
兰州 北京 千叶 南京 南宁 南平 南昌 厦门 台中 台北 台南 台州 合肥 吉安 呼和浩特
哈尔滨 唐山 嘉兴 基隆 墨尔本 多伦多 大连 大阪 天津 太原 威海 孟买 宁波 安阳 宜昌
山东 山西 岳阳 巴黎 常州 广元 广州 廊坊 开罗 徐州 悉尼 惠州 慕尼黑 成都 扬州 拉萨
新余 新加坡 新竹 无锡 日内瓦 昆明 曼谷 杭州 柏林 柳州 桂林 桃园 武汉 汕头 沈阳
河北 泉州 泰安 泰州 洛阳 济南 济宁 海南 海口 淄博 深圳 清远 温哥华 温州 湛江 漳州
潍坊 澳门 烟台 玉林 珠海 石家庄 福州 秦皇岛 米兰 纽约 绍兴 维也纳 绵阳 罗马 芜湖
苏州 苏黎世 莫斯科 衡阳 襄阳 西宁 西安 诸暨 贵阳 达州 迪拜 邯郸 郑州 重庆 金华
金昌 釜山 钦州 银川 镇江 长春 长沙 青岛 首尔 香港 马德里 高雄
"""

#: What cities whose value ends with "City" are not called without it.
WHOLE = """
Belize_City Dodge_City Guatemala_City Iowa_City Jersey_City Johnson_City Kansas_City
Kuwait_City Mexico_City Oklahoma_City Panama_City Quebec_City Salt_Lake_City Sioux_City
"""

#: GeoNames' region codes of the countries whose cities get a region in their unit; in the USA and
#: Britain they are those of ISO 3166-2.
REGION_CODES = {
    "CN": "01 AH 02 ZJ 03 JX 04 JS 05 JL 06 QH 07 FJ 08 HL 09 HA 10 HE 11 HN 12 HB 13 XJ 14 XZ "
    "15 GS 16 GX 18 GZ 19 LN 20 NM 21 NX 22 BJ 23 SH 24 SX 25 SD 26 SN 28 TJ 29 YN 30 GD 31 HI "
    "32 SC 33 CQ",
    "CA": "01 AB 02 BC 03 MB 04 NB 05 NL 07 NS 08 ON 09 PE 10 QC 11 SK",
    "AU": "01 ACT 02 NSW 03 NT 04 QLD 05 SA 06 TAS 07 VIC 08 WA",
}

#: Chinese names in GeoNames that are nothing but words.
NEVER = """
联合 民主 天堂 奋斗 自由 大学城 长征 树林 旧城 新城 胜利 希拉 伊卡
日本语 城西 城区 城关 阿拉 中心 新村 广场 青年 海门 安全 安心 合作
"""
