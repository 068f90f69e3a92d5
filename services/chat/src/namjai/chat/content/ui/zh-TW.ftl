### What Namjai says around the conversation itself, in 繁體中文.

meta =
    .status = draft
    .author = Namjai project
    .version = 5

## Buttons: at most 20 characters each.

label-help = 功能選單
label-emergency = 緊急求助
label-privacy = 隱私說明
label-consent = 同意設定
label-language = 語言 Language
label-stop = 先暫停
label-start = 重新開始
label-erase = 刪除我的資料
label-erase-confirm = 確定全部刪除
label-erase-cancel = 先不刪
label-agree = 好，可以
label-read-first = 先看說明
label-safe = 我現在安全了
label-more-lines = 看所有電話
label-give-chat = 可以記得聊過的事
label-withdraw-chat = 不要記得聊過的事
label-give-clinician = 讓診所團隊看
label-withdraw-clinician = 不讓診所團隊看
label-give-model = 可用外部 AI
label-contact = 我信任的人
label-keep = 維持原樣
label-contact-change = 換一個人
label-give-contact = 可以告訴他
label-withdraw-contact = 不要告訴他
label-withdraw-model = 不用外部 AI
label-chat = 聊聊
label-diary = 心情日記
label-plan = 安全計畫
label-instruments = 量表
label-education = 衛教單張
label-interpreter = 口譯
label-pictures = 看圖片

## The first meeting.

greeting-1 = 你好，我是 Namjai，陪伴想戒酒、戒毒或想少用一點的人。和你說話的是程式，不是真人。我可以聽你說、陪你想，一步一步做計畫；但我不是醫生，也不是緊急救援單位。如果你不安全，隨時可以按「緊急求助」。
greeting-2 = 可以讓我參考我們聊過的事，好讓回答更貼近你嗎？說不也沒關係，我們照樣可以聊，之後也隨時能改。每則訊息都會檢查有沒有危險的跡象，如果有，系統會通知診所人員。

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    直接打字跟我聊就可以了。想用的時候、又用了、做到了、很累的一天，都可以說。
    你可以按或輸入：
    • 緊急求助：求助電話
    • 隱私說明：保存什麼、誰看得到
    • 語言：ไทย、English、繁體中文、日本語等
    • 先暫停：我先安靜一陣子
    • 我信任的人：可以讓診所告訴誰
    • 刪除我的資料
help-skills = 我可以幫你做這些：
skill-support = • 聊聊：想用的時候、又用了、難熬的一天，或擔心身邊的人
skill-coping = • 因應練習：想用或心很亂時，一步一步陪你做
skill-diary = • 心情日記：心情、渴求和使用情形，需要的話可以提醒你
skill-plan = • 安全計畫：難熬時自己的步驟，一按就打開
skill-instruments = • 量表：關於心情、酒或藥物的短問卷
skill-education = • 衛教單張：把疾病或物質說清楚，也能翻譯
skill-interpreter = • 口譯：你和醫師之間，十種語言
skill-pictures = • 看圖片：藥袋上寫什麼，或葉子怎麼了
skill-nearby = • 附近：傳位置給我，看看附近哪裡有人能幫忙
skill-voice = • 語音：不想打字，可以傳語音訊息
chat = 我在聽。想到什麼就打給我。
heard = 🎧 我聽到：{ $words }

## Emergency, privacy and consent.

emergency = 如果你不安全或有人受傷，請現在就打電話。我是程式，沒辦法替你打。
privacy-1 =
    保存什麼：你傳的訊息、我的回答、安全檢查的結果、語言和你的同意設定，都用你專屬的金鑰加密。
    誰看得到：有權限的診所人員，在出現危險跡象時，或在你同意時。每次查看都會留下紀錄。
    也請知道：LINE 另有它自己的資料政策。
privacy-2 =
    我不能答應什麼事都保密。如果有跡象顯示有人可能有危險，就算你沒有同意其他項目，系統也會通知診所人員。
    怎麼刪除：輸入「刪除我的資料」。你的金鑰會被銷毀，個人資料就再也讀不出來。
consent =
    每一項都由你決定，也隨時能改。不管怎麼選，安全檢查和求助電話都在。
    你目前的選擇：
purpose-chat = 參考之前聊過的事，讓回答更貼近你
purpose-clinician = 讓診所的照護團隊看我們的對話
purpose-model = 把我寫的、說的或傳的圖片交給外部 AI 服務，協助回答、翻譯、聽、說和看
purpose-contact = 你可能有危險時，讓診所告訴你信任的人
consent-given = 謝謝你。已經記下你同意：{ $purpose }。想改的時候跟我說就好。
consent-withdrawn = 好的。已經記下你不同意：{ $purpose }。我們照樣可以繼續聊。
consent-state = • { $purpose }：{ $state }
granted = 同意
not-granted = 不同意

## Language, pause and erasure.

language-ask = 你希望我用哪一種語言？
language-chosen = 好的，接下來我用繁體中文和你聊。
paused = 好，我先安靜。你的訊息還是會檢查有沒有危險的跡象，如果有，我會把求助電話傳給你。想再聊的時候，輸入「開始」就可以。
resumed = 很高興又能聊聊。今天過得怎麼樣？
erase-ask = 刪除後，你的資料金鑰會被銷毀，對話和個人資料再也讀不出來，也救不回來，只留下看不出是誰的統計。你手機 LINE 裡的紀錄要自己刪。確定要刪除嗎？
erase-confirmed = 已經收到你的刪除要求，正在處理。謝謝你曾經跟我聊。哪天想要，隨時可以重新開始。
erase-cancelled = 好，什麼都沒有刪。

## Other.

safe = 聽到你這樣說，我放心了一些。如果那種感覺又回來，隨時打電話或按「緊急求助」。現在是什麼讓你覺得比較安全？
throttled = 你的訊息都收到了。我正一則一則看，不用急。
