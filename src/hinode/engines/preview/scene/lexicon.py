"""The words of the preview engine: which English and Chinese words stand for which term.

English words match whole words, also with a plural ``s`` or ``es``; Chinese words match
anywhere. Longer words win over shorter ones inside them (上海 is a city, 海 is the sea).
"""

from __future__ import annotations

from dataclasses import dataclass

from hinode.engines.preview.scene.terms import (
    CameraMove,
    Light,
    Place,
    SceneTerm,
    Subject,
    Tint,
    Weather,
)


@dataclass(frozen=True, slots=True)
class LexiconEntry:
    """One term and the words that call it, separated by ``|``."""

    term: SceneTerm
    english: str
    chinese: str

    def words(self) -> list[str]:
        """Return all words of the entry, lower case."""
        return [word for word in f"{self.english}|{self.chinese}".split("|") if word]


# In a remix: whether a named subject joins the one that is there or takes its place.
ADD_PATTERN = (
    r"\b(?:add|adds|adding|also|another|with|plus|joins?|joined|second|too|and)\b"
    r"|[加添再多也和]|还有|一起"
)
REPLACE_PATTERN = r"\b(?:replace|replaced|instead|turns?|becomes?|swap)\b|[换改]|变成|替"

LEXICON: tuple[LexiconEntry, ...] = (
    # Light
    LexiconEntry(
        Light.DAWN, "dawn|sunrise|daybreak|early morning|morning", "日出|黎明|清晨|早晨|拂晓|晨光"
    ),
    LexiconEntry(
        Light.DAY,
        "day|daylight|noon|midday|sunny|afternoon|blue sky",
        "白天|正午|中午|晴天|阳光|午后|蓝天",
    ),
    LexiconEntry(
        Light.SUNSET, "sunset|golden hour|evening|sundown", "日落|夕阳|黄昏|傍晚|落日|晚霞"
    ),
    LexiconEntry(Light.DUSK, "dusk|twilight|blue hour", "暮色|暮光|蓝调时刻"),
    LexiconEntry(
        Light.NIGHT,
        "night|midnight|moonlight|moonlit|moon|starry|star|milky way|aurora",
        "夜晚|夜色|深夜|月光|月亮|星空|星星|夜|银河|极光",
    ),
    LexiconEntry(Light.NEON, "neon|cyberpunk|synthwave|vaporwave", "霓虹|赛博朋克|蒸汽波"),
    LexiconEntry(Light.OVERCAST, "overcast|cloudy|grey sky|gray sky|gloomy", "阴天|多云|阴沉"),
    LexiconEntry(Light.AUTUMN, "autumn|autumnal|fall colors|fall colours", "秋天|秋季|金秋|秋"),
    # Weather
    LexiconEntry(
        Weather.SNOW,
        "snow|snowy|snowing|snowfall|snowflake|blizzard|winter",
        "下雪|大雪|雪花|雪地|雪|冬天|冬季",
    ),
    LexiconEntry(Weather.RAIN, "rain|rainy|raining|drizzle|shower", "下雨|雨天|大雨|小雨|雨"),
    LexiconEntry(Weather.FOG, "fog|foggy|mist|misty|haze|hazy", "雾气|大雾|薄雾|雾"),
    LexiconEntry(
        Weather.STORM, "storm|stormy|thunder|thunderstorm|lightning", "暴风雨|雷雨|雷电|闪电|风暴"
    ),
    LexiconEntry(
        Weather.FIREFLIES, "firefly|fireflies|glow worm|magical|magic|fairy", "萤火虫|魔法|仙境"
    ),
    LexiconEntry(
        Weather.PETALS, "petal|cherry blossom|blossom|sakura|spring", "樱花|花瓣|桃花|春天"
    ),
    LexiconEntry(Weather.LEAVES, "leaf|leaves|falling leaves", "落叶|枫叶|树叶"),
    LexiconEntry(Weather.DUST, "dust|dusty|sandstorm|ember|spark", "沙尘|尘土|火星|沙尘暴"),
    # Place
    LexiconEntry(
        Place.MOUNTAINS,
        "mountain|peak|alps|alpine|cliff|canyon|valley|volcano|himalaya",
        "雪山|高山|山脉|山峰|群山|山谷|峡谷|火山|悬崖|山",
    ),
    LexiconEntry(
        Place.HILLS,
        "hill|meadow|field|grass|grassland|prairie|farm|garden|countryside",
        "草原|田野|草地|丘陵|花园|乡村|麦田",
    ),
    LexiconEntry(
        Place.SEA,
        "sea|ocean|beach|coast|shore|wave|island|harbor|harbour|underwater",
        "大海|海洋|海边|海滩|海浪|海岸|岛屿|港口|海",
    ),
    LexiconEntry(
        Place.LAKE,
        "lake|river|pond|waterfall|water|reflection",
        "湖泊|湖面|湖|河流|河|池塘|瀑布|水面|倒影",
    ),
    LexiconEntry(
        Place.CITY,
        "city|cityscape|skyline|street|town|tokyo|shanghai|new york|paris|london|"
        "downtown|building|skyscraper|rooftop|urban",
        "城市|都市|街道|街头|高楼|摩天楼|上海|北京|东京|纽约|小镇|建筑|天际线",
    ),
    LexiconEntry(
        Place.FOREST,
        "forest|wood|woodland|tree|pine|jungle|bamboo|rainforest",
        "森林|树林|丛林|竹林|松树|树木|雨林",
    ),
    LexiconEntry(Place.DESERT, "desert|dune|sahara|sand|mars", "沙漠|沙丘|戈壁|火星表面"),
    LexiconEntry(
        Place.SPACE,
        "space|galaxy|planet|nebula|cosmos|cosmic|universe|outer space|orbiting earth",
        "太空|宇宙|星系|银河系|行星|星云|外太空",
    ),
    # Camera
    LexiconEntry(
        CameraMove.STATIC,
        "static|static shot|still camera|locked off|tripod|fixed camera",
        "固定镜头|静止镜头|固定机位",
    ),
    LexiconEntry(
        CameraMove.PAN_LEFT,
        "pan left|pans left|panning left|pan to the left|move left|truck left",
        "向左平移|左移|镜头向左|向左摇",
    ),
    LexiconEntry(
        CameraMove.PAN_RIGHT,
        "pan|pan right|pans right|panning|panning right|pan to the right|tracking shot|"
        "dolly|move right|truck right|side scroll",
        "向右平移|右移|镜头向右|向右摇|横移|平移|跟拍",
    ),
    LexiconEntry(
        CameraMove.ZOOM_IN,
        "zoom|zoom in|zooms in|zooming in|zooming|push in|pushes in|pushing in|dolly in|"
        "close up|close-up|closeup",
        "放大|推近|推进|拉近|特写|推镜头|镜头推进",
    ),
    LexiconEntry(
        CameraMove.ZOOM_OUT,
        "zoom out|zooms out|zooming out|pull back|pulls back|pull out|dolly out|wide reveal",
        "缩小|拉远|拉镜头|后退|镜头拉远",
    ),
    LexiconEntry(
        CameraMove.ORBIT,
        "orbit|orbits|orbiting|arc shot|circle around|circling|rotate around|360",
        "环绕|旋转|绕拍|环拍",
    ),
    LexiconEntry(
        CameraMove.DRONE,
        "drone|aerial|fly over|flyover|flying over|bird's-eye|birds eye|crane shot",
        "无人机|航拍|鸟瞰|俯瞰|飞越",
    ),
    LexiconEntry(
        CameraMove.TILT_UP,
        "tilt|tilt up|tilts up|tilting up|look up|looks up",
        "上摇|仰拍|镜头上移|抬头",
    ),
    LexiconEntry(
        CameraMove.TILT_DOWN,
        "tilt down|tilts down|tilting down|look down|looks down",
        "下摇|俯拍|镜头下移",
    ),
    # Subject
    LexiconEntry(Subject.FOX, "fox|foxes|vixen", "狐狸|小狐狸"),
    LexiconEntry(
        Subject.CAT, "cat|kitten|kitty|tiger|lion|leopard|panther", "小猫|猫咪|猫|老虎|狮子|豹子"
    ),
    LexiconEntry(
        Subject.DOG,
        "dog|puppy|corgi|retriever|husky|shiba|pup|hound",
        "小狗|狗狗|狗|柯基|柴犬|犬|金毛",
    ),
    LexiconEntry(Subject.WOLF, "wolf|wolves|coyote", "狼"),
    LexiconEntry(Subject.HORSE, "horse|pony|unicorn|zebra|stallion", "骏马|马|独角兽|斑马"),
    LexiconEntry(Subject.DEER, "deer|stag|elk|moose|reindeer|antelope", "鹿|小鹿|麋鹿|羚羊"),
    LexiconEntry(Subject.BEAR, "bear|grizzly", "熊|棕熊"),
    LexiconEntry(Subject.PANDA, "panda|giant panda", "熊猫|大熊猫"),
    LexiconEntry(Subject.RABBIT, "rabbit|bunny|bunnies|hare", "兔子|小兔|兔"),
    LexiconEntry(
        Subject.PERSON,
        "person|man|woman|girl|boy|people|child|kid|hiker|traveler|traveller|astronaut|robot|"
        "samurai|dancer|monk|knight|wanderer|runner|couple|men|women",
        "男人|女人|女孩|男孩|少女|少年|行人|小孩|孩子|旅人|宇航员|机器人|武士|舞者|老人|人",
    ),
    LexiconEntry(
        Subject.BIRD,
        "bird|eagle|seagull|gull|crane|crow|hawk|owl|dragon|butterfly|butterflies|swallow",
        "小鸟|飞鸟|鸟|老鹰|海鸥|仙鹤|燕子|蝴蝶|龙",
    ),
    LexiconEntry(
        Subject.BOAT,
        "boat|ship|sailboat|sailing|yacht|vessel|canoe|sail",
        "小船|帆船|轮船|渔船|船|帆",
    ),
    LexiconEntry(
        Subject.CAR,
        "car|taxi|automobile|truck|bus|sports car|vehicle",
        "汽车|轿车|跑车|出租车|卡车|巴士|车",
    ),
    LexiconEntry(
        Subject.BALLOON, "balloon|hot air balloon|airship|lantern", "热气球|气球|飞艇|孔明灯"
    ),
    LexiconEntry(
        Subject.ROCKET, "rocket|spaceship|spacecraft|starship", "火箭|飞船|宇宙飞船|太空船"
    ),
    # Tint
    LexiconEntry(Tint.RED, "red|crimson|scarlet", "红色|红"),
    LexiconEntry(Tint.ORANGE, "orange|ginger", "橙色|橘色|橘|橙"),
    LexiconEntry(Tint.GOLD, "gold|golden|yellow", "金色|黄色|金黄"),
    LexiconEntry(Tint.GREEN, "green|emerald", "绿色|翠绿|绿"),
    LexiconEntry(Tint.BLUE, "blue|azure", "蓝色|蓝"),
    LexiconEntry(Tint.PURPLE, "purple|violet", "紫色|紫"),
    LexiconEntry(Tint.PINK, "pink", "粉色|粉红"),
    LexiconEntry(Tint.WHITE, "white", "白色|白"),
    LexiconEntry(Tint.GREY, "grey|gray|silver", "灰色|银色|灰"),
    LexiconEntry(Tint.BLACK, "black", "黑色|黑"),
    LexiconEntry(Tint.BROWN, "brown|tan", "棕色|褐色"),
)
