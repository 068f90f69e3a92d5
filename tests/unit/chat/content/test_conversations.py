"""What people say, in three languages, and what the offline responder must take it for."""

from __future__ import annotations

import pytest

from namjai.chat.content import LANGUAGES, Language
from namjai.chat.domain.stage import Stage
from namjai.chat.skills.support import respond, understand
from namjai.chat.skills.support.library import replies

THAI = [
    ("สวัสดีค่ะ", "greeting", None),
    ("หวัดดีครับ น้ำใจ", "greeting", None),
    ("ตอนนี้อยากกินเหล้ามากเลย", "craving", None),
    ("เปรี้ยวปากอีกแล้ว", "craving", None),
    ("หลังเลิกงานอยากกินเบียร์มาก", "craving", None),
    ("อยากดื่มเหล้าให้น้อยลง", "plan", "preparation"),
    ("อยากดูดบุหรี่", "craving", None),
    ("เสี้ยนยามาก ทำไงดี", "craving", None),
    ("อยากกลับไปเล่นยาอีก", "craving", None),
    ("เมื่อคืนเผลอดื่มไปหลายแก้ว", "lapse", "lapse"),
    ("พลาดไปแล้ว", "lapse", "lapse"),
    ("กลับไปเสพอีกแล้ว ผิดหวังในตัวเอง", "lapse", "lapse"),
    ("กลัวจะกลับไปใช้ยาอีก", "relapse_worry", None),
    ("หยุดเหล้ามาสองวัน มือสั่น เหงื่อออก", "withdrawal", None),
    ("ใจหนึ่งก็อยากเลิก อีกใจก็ยังอยากกิน", "ambivalence", "contemplation"),
    ("ไม่รู้จะเลิกดีไหม", "ambivalence", "contemplation"),
    ("ยังไม่อยากเลิก", "not_ready", "precontemplation"),
    ("ผมไม่ได้ติดสักหน่อย", "not_ready", "precontemplation"),
    ("อยากเลิกเพื่อลูก", "reasons", "contemplation"),
    ("ตั้งใจจะเลิกยาบ้า เริ่มยังไงดี", "plan", "preparation"),
    ("ไม่อยากดื่มแล้ว", "plan", "preparation"),
    ("วันนี้ไม่แตะเหล้ากับบุหรี่เลย ภูมิใจมาก", "milestone", "action"),
    ("เลิกเหล้ามาได้ 30 วันแล้ว", "milestone", "action"),
    ("ไม่ดื่มมา 8 เดือนแล้ว", "milestone", "maintenance"),
    ("ไม่ได้ดื่มมา 3 วันแล้ว แต่ตอนนี้อยากดื่มมาก", "craving", None),
    ("เศร้ามาก ร้องไห้ทั้งวัน", "sadness", None),
    ("เครียดเรื่องงาน คิดวนไม่หยุด", "anxiety", None),
    ("โมโหหัวหน้ามาก", "anger", None),
    ("เททิ้งหมดแล้ว", "steps", "action"),
    ("เริ่มพรุ่งนี้จะไม่ดื่ม", "commitment", "preparation"),
    ("ต้องเลิกให้ได้", "need", "contemplation"),
    ("เคยเลิกได้ครั้งหนึ่ง", "ability", "contemplation"),
    ("พยายามเลิกหลายครั้งแล้ว", "tried_before", None),
    ("มันช่วยให้หลับ", "sustain", None),
    ("จะใช้อยู่ดี", "harm_reduction", None),
    ("วันนี้ดีขึ้น", "better", None),
    ("เสาร์นี้มีงานแต่ง", "event", None),
    ("คุณยายเสียชีวิต", "grief", None),
    ("เหงาจัง ไม่มีใครเข้าใจ", "loneliness", None),
    ("นอนไม่หลับมาสามคืนแล้ว", "sleep", None),
    ("ลูกชายติดยาบ้า จะช่วยเขายังไงดี", "family_talk", None),
    ("สามีกินเหล้าทุกวัน", "family", None),
    ("เพื่อนชวนไปดื่มเหล้า ไม่กล้าปฏิเสธ", "peer_pressure", None),
    ("ละอายใจ เกลียดตัวเอง", "shame", None),
    ("เบื่อ ไม่มีอะไรทำ", "boredom", None),
    ("ปวดท้องมาก อาเจียนด้วย", "physical", None),
    ("กินยาซึมเศร้าคู่กับเหล้าได้ไหม", "medicine", None),
    ("ไวน์กับเบียร์อันไหนแรงกว่า", "substance_alcohol", None),
    ("ยาบ้าอันตรายยังไง", "substance_meth", None),
    ("กัญชาเสพติดไหม", "substance_cannabis", None),
    ("น้ำกระท่อมมีผลอะไร", "substance_kratom", None),
    ("เฮโรอีนเลิกยากไหม", "substance_opioids", None),
    ("ยานอนหลับหยุดเลยได้ไหม", "substance_benzodiazepines", None),
    ("บุหรี่ไฟฟ้าดีกว่าบุหรี่ธรรมดาไหม", "substance_nicotine", None),
    ("ดมกาวอันตรายไหม", "substance_inhalants", None),
    ("ขอบคุณมากนะ", "thanks", None),
    ("ไปนอนก่อนนะ ฝันดี", "goodbye", None),
    ("นี่คุยกับบอทใช่ไหม", "who_are_you", None),
    ("ขอวิธีรับมือหน่อย", "skill", None),
    ("มีเรื่องอยากเล่า", "talk", None),
    ("ค่ะ", "affirm", None),
    ("ไม่เอาดีกว่า", "deny", None),
    ("ปลาทูแม่กลองหน้างอคอหัก", "unclear", None),
]

ENGLISH = [
    ("Hello", "greeting", None),
    ("good morning namjai", "greeting", None),
    ("I really want a drink right now", "craving", None),
    ("the cravings are so strong tonight", "craving", None),
    ("I want to get high", "craving", None),
    ("hi, I want to drink less", "plan", "preparation"),
    ("I'd like to smoke a lot less", "plan", "preparation"),
    ("I slipped", "lapse", "lapse"),
    ("I drank again last night", "lapse", "lapse"),
    ("relapsed on meth yesterday", "lapse", "lapse"),
    ("I’m scared I will relapse", "relapse_worry", None),
    ("I stopped drinking two days ago and my hands are shaking", "withdrawal", None),
    ("part of me wants to quit", "ambivalence", "contemplation"),
    ("should I quit?", "ambivalence", "contemplation"),
    ("I don't want to quit", "not_ready", "precontemplation"),
    ("I don't have a drinking problem", "not_ready", "precontemplation"),
    ("I do it for my kids", "reasons", "contemplation"),
    ("help me plan", "plan", "preparation"),
    ("I want to stop using", "plan", "preparation"),
    ("30 days sober today!", "milestone", "action"),
    ("I haven't touched alcohol in two weeks", "milestone", "action"),
    ("8 months clean", "milestone", "maintenance"),
    ("10 days sober but the craving is awful", "craving", None),
    ("I feel so sad", "sadness", None),
    ("so anxious I can't breathe properly", "anxiety", None),
    ("I'm furious with my boss", "anger", None),
    ("I poured it all out", "steps", "action"),
    ("starting tomorrow I won't drink", "commitment", "preparation"),
    ("I have to stop", "need", "contemplation"),
    ("I want to stop", "plan", "preparation"),
    ("I've quit before", "ability", "contemplation"),
    ("I've tried to quit so many times", "tried_before", None),
    ("it helps me sleep", "sustain", None),
    ("I'm going to use tonight anyway", "harm_reduction", None),
    ("I feel better today", "better", None),
    ("there is a wedding on Saturday", "event", None),
    ("my grandmother passed away", "grief", None),
    ("I feel lonely", "loneliness", None),
    ("I can’t   sleeeeep", "sleep", None),
    ("my son is using meth, what can I do", "family_talk", None),
    ("my husband drinks every night", "family", None),
    ("my friends keep pushing me to drink", "peer_pressure", None),
    ("I'm so ashamed", "shame", None),
    ("bored, nothing to do", "boredom", None),
    ("my stomach hurts and I keep vomiting", "physical", None),
    ("what is the right dose of sertraline", "medicine", None),
    ("is beer less harmful than whisky", "substance_alcohol", None),
    ("what does meth do to the brain", "substance_meth", None),
    ("is weed addictive", "substance_cannabis", None),
    ("is kratom safe", "substance_kratom", None),
    ("tell me about fentanyl", "substance_opioids", None),
    ("can you get hooked on xanax", "substance_benzodiazepines", None),
    ("is vaping better than cigarettes", "substance_nicotine", None),
    ("what about sniffing glue", "substance_inhalants", None),
    ("thank you", "thanks", None),
    ("good night", "goodbye", None),
    ("are you a real person", "who_are_you", None),
    ("how do I cope?", "skill", None),
    ("I need to talk", "talk", None),
    ("yes", "affirm", None),
    ("not really", "deny", None),
    ("the quick brown fox", "unclear", None),
]

CHINESE = [
    ("你好", "greeting", None),
    ("早安", "greeting", None),
    ("我現在好想喝酒", "craving", None),
    ("酒癮又來了", "craving", None),
    ("很想抽菸", "craving", None),
    ("昨晚又喝了", "lapse", "lapse"),
    ("我又吸毒了", "lapse", "lapse"),
    ("忍不住又喝酒", "lapse", "lapse"),
    ("我怕自己又會喝", "relapse_worry", None),
    ("停酒兩天手一直抖", "withdrawal", None),
    ("一邊想戒一邊又捨不得", "ambivalence", "contemplation"),
    ("不知道要不要戒", "ambivalence", "contemplation"),
    ("我不想戒", "not_ready", "precontemplation"),
    ("我沒有上癮", "not_ready", "precontemplation"),
    ("為了孩子", "reasons", "contemplation"),
    ("我想戒酒，怎麼開始", "plan", "preparation"),
    ("幫我做計畫", "plan", "preparation"),
    ("戒酒第三十天了", "milestone", "action"),
    ("今天我忍住了沒喝", "milestone", "action"),
    ("已經戒了八個月", "milestone", "maintenance"),
    ("沒喝三天了，可是現在好想喝", "craving", None),
    ("心情很差，一直想哭", "sadness", None),
    ("壓力好大，很焦慮", "anxiety", None),
    ("我真的很生氣", "anger", None),
    ("我把酒倒掉了", "steps", "action"),
    ("從明天開始不喝", "commitment", "preparation"),
    ("我一定要戒", "need", "contemplation"),
    ("我以前戒過", "ability", "contemplation"),
    ("戒過好多次都失敗", "tried_before", None),
    ("喝了才睡得著", "sustain", None),
    ("反正今晚還是會喝", "harm_reduction", None),
    ("今天好多了", "better", None),
    ("禮拜六有婚禮", "event", None),
    ("外婆過世了", "grief", None),
    ("覺得好孤單", "loneliness", None),
    ("睡不著", "sleep", None),
    ("我兒子在吸毒，怎麼辦", "family_talk", None),
    ("老公每天喝酒", "family", None),
    ("朋友一直約我喝酒", "peer_pressure", None),
    ("我覺得很丟臉", "shame", None),
    ("好無聊", "boredom", None),
    ("胸口痛，呼吸困難", "physical", None),
    ("抗憂鬱藥有副作用嗎", "medicine", None),
    ("啤酒和高粱哪個傷身", "substance_alcohol", None),
    ("安非他命對身體有什麼影響", "substance_meth", None),
    ("大麻會上癮嗎", "substance_cannabis", None),
    ("卡痛是什麼", "substance_kratom", None),
    ("海洛因很難戒嗎", "substance_opioids", None),
    ("安眠藥可以直接停嗎", "substance_benzodiazepines", None),
    ("電子菸比較不傷身嗎", "substance_nicotine", None),
    ("笑氣危險嗎", "substance_inhalants", None),
    ("謝謝你", "thanks", None),
    ("晚安", "goodbye", None),
    ("你是真人嗎", "who_are_you", None),
    ("教我怎麼撐過去", "skill", None),
    ("想找人說話", "talk", None),
    ("好", "affirm", None),
    ("不要", "deny", None),
    ("今天的雲像一條魚", "unclear", None),
]

SIMPLIFIED = [
    ("我现在好想喝酒", "craving", None),
    ("昨晚又喝了", "lapse", "lapse"),
    ("我儿子在吸毒，怎么办", "family_talk", None),
    ("压力好大，很焦虑", "anxiety", None),
    ("戒酒第三十天了", "milestone", "action"),
    ("谢谢你", "thanks", None),
    ("还没准备好", "not_ready", "precontemplation"),
    ("睡不着，一直做恶梦", "sleep", None),
]


@pytest.mark.parametrize(("said", "intent", "stage"), THAI)
def test_thai_is_understood(said: str, intent: str, stage: Stage | None) -> None:
    reading = understand(said)
    assert (reading.intent, reading.stage) == (intent, stage)


@pytest.mark.parametrize(("said", "intent", "stage"), ENGLISH)
def test_english_is_understood(said: str, intent: str, stage: Stage | None) -> None:
    reading = understand(said)
    assert (reading.intent, reading.stage) == (intent, stage)


@pytest.mark.parametrize(("said", "intent", "stage"), [*CHINESE, *SIMPLIFIED])
def test_chinese_is_understood_in_either_way_of_writing(said: str, intent: str, stage: Stage | None) -> None:
    reading = understand(said)
    assert (reading.intent, reading.stage) == (intent, stage)


@pytest.mark.parametrize(
    ("said", "not_the_intent"),
    [
        ("ไม่อยากดื่มเหล้า", "craving"),
        ("อยากดื่มน้ำ", "craving"),
        ("อยากกินส้มตำ", "craving"),
        ("อยากเลิกบุหรี่", "craving"),
        ("วันนี้ไม่ได้ดื่ม", "lapse"),
        ("แม่ด่าเพราะเมื่อคืนผมกินเหล้า", "family"),
        ("no cravings today", "craving"),
        ("I want to drink more water", "craving"),
        ("I didn't drink last night", "lapse"),
        ("I used to like football", "lapse"),
        ("不想喝酒", "craving"),
        ("想喝水", "craving"),
        ("今天沒喝", "lapse"),
    ],
)
def test_a_denial_or_a_harmless_want_is_not_taken_for_the_opposite(said: str, not_the_intent: str) -> None:
    assert understand(said).intent != not_the_intent


def test_a_stage_once_reached_is_not_lost_to_a_plan_but_is_to_a_lapse() -> None:
    assert understand("ช่วยวางแผนหน่อย", "action").stage == "action"
    assert understand("I slipped", "maintenance").stage == "lapse"
    assert understand("ฝนตกทั้งวัน", "preparation").stage == "preparation"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_says_something_that_is_understood(language: Language) -> None:
    offers = [offer for group in replies(language).values() for reply in group for offer in reply.quick_replies]
    said = {offer.label for offer in offers if offer.command is None and offer.doing is None}
    assert {label for label in said if understand(label).intent == "unclear"} == set()


def test_a_conversation_keeps_its_thread() -> None:
    """A person slips, plans and succeeds; the stage follows and no reply comes twice."""
    said = ["สวัสดี", "พลาดไปแล้ว", "ช่วยวางแผนหน่อย", "วันนี้ทำได้", "ขอบคุณ"]
    stage: Stage | None = None
    ids: list[str] = []
    stages = []
    for turn, words in enumerate(said):
        reply = respond(words, language="th", recent_reply_ids=ids, stage=stage, seed=f"turn-{turn}")
        stage = reply.stage
        stages.append(stage)
        ids.append(reply.id)
    assert stages == [None, "lapse", "preparation", "action", "action"]
    assert len(set(ids)) == len(ids)
