### What Namjai says around the conversation itself, in Japanese. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = メニュー
label-emergency = 緊急の連絡先
label-privacy = プライバシー
label-consent = 同意の設定
label-language = 言語 Language
label-stop = 少し休む
label-start = また話す
label-erase = データを削除
label-erase-confirm = はい、すべて削除
label-erase-cancel = 削除しない
label-agree = いいですよ
label-read-first = 先に読みたい
label-safe = 今は安全です
label-more-lines = すべての番号
label-give-chat = 会話を覚えてよい
label-withdraw-chat = 会話を覚えない
label-give-clinician = クリニックが読んでよい
label-withdraw-clinician = クリニックに見せない
label-give-model = 外部AIを使ってよい
label-withdraw-model = 外部AIを使わない
label-contact = 頼れる人
label-keep = このままにする
label-contact-change = 別の人にする
label-give-contact = 知らせてよい
label-withdraw-contact = 知らせない
label-chat = 話す
label-diary = 日記
label-plan = 安全プラン
label-instruments = 質問票
label-education = 健康の資料
label-interpreter = 通訳
label-pictures = 写真を読む

## The first meeting.

greeting-1 = こんにちは、Namjaiです。お酒や薬物をやめたい、減らしたい人に寄り添う話し相手です。あなたが話しているのはプログラムで、人間ではありません。お話を聞き、一緒に考え、小さな一歩の計画を手伝えます。医師でも救急サービスでもありません。安全でないときは、いつでも「緊急の連絡先」を押してください。
greeting-2 = より合った答えができるように、お話しした内容を使ってもよいですか。断ってもお話はできますし、いつでも変えられます。すべてのメッセージは危険のしるしがないか必ず確認され、あればクリニックのスタッフに知らされます。

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    思うままに書いてください。使いたい気持ち、失敗した日、よかった日、疲れた日、何でもかまいません。
    押すか入力できること:
    • 緊急の連絡先 – 電話できる番号
    • プライバシー – 何が保存され、誰が見られるか
    • 言語 – ไทย、English、繁體中文、日本語など
    • 少し休む – しばらく静かにします
    • 頼れる人 – クリニックが知らせてよい人
    • データを削除
help-skills = お手伝いできること:
skill-support = • 話す – 使いたい気持ち、失敗、つらい日、誰かへの心配
skill-coping = • 乗り切る練習 – 使いたいとき、落ち着かないときの練習を一歩ずつ
skill-diary = • 日記 – 気分、欲求、使用の記録と、希望すればお知らせ
skill-plan = • 安全プラン – つらいときのための自分の手順
skill-instruments = • 質問票 – 気分、お酒、薬物についての短い質問
skill-education = • 健康の資料 – 病気や物質のわかりやすい説明、翻訳も
skill-interpreter = • 通訳 – あなたと医師の間で、十の言語
skill-pictures = • 写真 – 薬の袋に書かれていること、植物の葉の様子
skill-nearby = • 近くの支援 – 位置を送ると、近くで相談できる所がわかります
skill-voice = • 音声 – 文字の代わりに声でも送れます
chat = 聞いています。思うことを何でも書いてください。
heard = 🎧 こう聞こえました: { $words }

## Emergency, privacy and consent.

emergency = 安全でないとき、けが人がいるときは、今すぐ電話してください。私はプログラムなので、代わりに電話することはできません。
privacy-1 =
    保存するもの: あなたのメッセージ、私の返事、安全確認の結果、言語、同意の設定。すべてあなた専用の鍵で暗号化されます。
    見られる人: 権限のあるクリニックのスタッフが、危険のしるしがあるとき、またはあなたが同意したときに見られます。見た記録は残ります。
    LINEは独自の方針でデータを保存します。
privacy-2 =
    すべてを秘密にするとはお約束できません。誰かが危険かもしれないしるしがあれば、他に何も同意していなくても、スタッフに知らされます。
    削除: メニューの「データを削除」を押してください。鍵が壊され、個人のデータは二度と読めなくなります。
consent =
    どれもあなたが決めることで、いつでも変えられます。何を選んでも、安全確認と緊急の番号はなくなりません。
    今の選択:
purpose-chat = 前に話したことを使い、より合った答えをする
purpose-clinician = クリニックの担当チームが会話を読む
purpose-model = 書いたこと、話したこと、送った写真を、返事・翻訳・聞き取り・読み上げ・画像を手伝う外部のAIサービスに送る
purpose-contact = 危険なとき、クリニックがあなたの頼れる人に知らせる
consent-given = ありがとうございます。同意を記録しました: { $purpose }。気が変わったらいつでも教えてください。
consent-withdrawn = わかりました。同意しないことを記録しました: { $purpose }。これまでどおりお話しできます。
consent-state = • { $purpose }: { $state }
granted = 同意する
not-granted = 同意しない

## Language, pause and erasure.

language-ask = どの言語で話しましょうか。
language-chosen = わかりました。これからは日本語で書きます。
in-english = ボタンや案内は日本語ですが、会話の返事は今のところ英語になります。ごめんなさい。
paused = わかりました。しばらく静かにします。メッセージは引き続き危険のしるしがないか確認され、あれば電話番号を送ります。また話したくなったら「start」と入力してください。
resumed = またお話しできてうれしいです。今日はいかがですか。
erase-ask = 削除すると、あなたのデータの鍵が壊されます。会話も個人のデータも二度と読めず、元に戻せません。誰のものかわからない統計だけが残ります。LINEアプリの中の記録は、ご自分で消す必要があります。削除しますか。
erase-confirmed = 削除のご希望を受け付け、手続きを進めています。お話しくださりありがとうございました。またいつでも新しく始められます。
erase-cancelled = わかりました。何も削除していません。
