### What Namjai says around the conversation itself, in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 4

## Buttons: at most 20 characters each.

label-help = Menu
label-emergency = Emergency
label-privacy = Privacy
label-consent = My consent
label-language = Language 語言
label-stop = Pause
label-start = Start again
label-erase = Delete my data
label-erase-confirm = Yes, delete it all
label-erase-cancel = Keep it
label-agree = That's fine
label-read-first = Let me read first
label-safe = I'm safe now
label-more-lines = All numbers
label-give-chat = Remember our chats
label-withdraw-chat = Don't remember
label-give-clinician = Let clinic read
label-withdraw-clinician = Clinic may not read
label-give-model = AI may help reply
label-contact = My contact
label-keep = Leave as it is
label-contact-change = Name someone else
label-give-contact = They may be told
label-withdraw-contact = Don't tell them
label-withdraw-model = No outside AI
label-chat = Talk
label-diary = Diary
label-plan = Safety plan
label-instruments = Questionnaires
label-education = Health leaflets
label-interpreter = Interpreter
label-pictures = Read a picture

## The first meeting.

greeting-1 = Hello, this is Namjai, a companion for people who want to stop or cut down on alcohol or drugs. You are talking to software, not to a person. I can listen, think things through with you and help plan small steps. I am not a doctor and not an emergency service, so if you are not safe, press "Emergency" at any time.
greeting-2 = May I use what we talk about so that my answers fit you better? You can say no and we can still talk, and you can change your mind whenever you like. Every message is always checked for signs of danger, and if there are any, the clinic's staff are alerted.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    Just write to me. Cravings, slips, good days, tired days: all of it is welcome.
    You can press or type:
    • Emergency – numbers to call
    • Privacy – what is kept and who can see it
    • Language – ไทย, English, 繁體中文, 日本語 and more
    • Pause – I stay quiet for a while
    • My contact – whom the clinic may tell
    • Delete my data
help-skills = What I can do for you:
skill-support = • Talk – cravings, slips, hard days, or worry about someone else
skill-coping = • Coping – guided exercises for a craving or a racing mind
skill-diary = • Diary – how you are, cravings and use, with reminders if you want them
skill-plan = • Safety plan – your own steps for a bad moment, one tap away
skill-instruments = • Questionnaires – short forms about mood, alcohol or drugs
skill-education = • Health leaflets – clear pages about an illness or a substance, also translated
skill-interpreter = • Interpreter – between you and your doctor, in ten languages
skill-pictures = • Pictures – what a medicine packet says, or what ails a plant leaf
skill-nearby = • Nearby – send your place and see who can help near you
skill-voice = • Voice – send a voice message instead of typing
chat = I'm listening. Write about whatever is on your mind.
heard = 🎧 I heard: { $words }

## Emergency, privacy and consent.

emergency = If you are not safe or someone is hurt, please call now. I am software and can't call for you.
privacy-1 =
    What is kept: your messages, my answers, the results of the safety check, your language and your consents, all encrypted with a key of your own.
    Who can see it: clinic staff with the right to, when there is a sign of danger or when you have agreed. Each look is recorded.
    Good to know: LINE keeps its own data under its own policy.
privacy-2 =
    I can't promise to keep everything secret. If there is a sign that someone may be in danger, staff are alerted, even if you agreed to nothing else.
    Deleting: type "delete my data". Your key is destroyed, and nobody can read your personal data again.
consent =
    Each of these is your choice, and you can change it at any time. Whatever you choose, the safety check and the emergency numbers stay.
    Right now you have chosen:
purpose-chat = use what we said earlier so that answers fit you
purpose-clinician = let your care team at the clinic read our conversation
purpose-model = send what I write, say or show to an outside AI service that helps answer, translate, listen, speak and look
purpose-contact = let the clinic tell the person you named when you are in danger
consent-given = Thank you. It is noted that you agree to this: { $purpose }. Tell me whenever you change your mind.
consent-withdrawn = All right. It is noted that you do not agree to this: { $purpose }. We can go on talking as before.
consent-state = • { $purpose }: { $state }
granted = agreed
not-granted = not agreed

## Language, pause and erasure.

language-ask = Which language would you like me to use?
language-chosen = Gladly. I'll write in English from now on.
paused = All right, I'll stay quiet. Your messages are still checked for signs of danger, and if there are any I will send you numbers to call. Type "start" whenever you want to talk again.
resumed = Good to be talking again. How are you today?
erase-ask = If you delete, the key to your data is destroyed. Our conversation and your personal data can't be read or brought back; only figures that don't say who you are remain. What is in your own LINE app you need to delete yourself. Do you want to delete it?
erase-confirmed = Your request to delete is recorded and on its way. Thank you for talking with me. If you ever want to, you can start afresh.
erase-cancelled = All right, nothing has been deleted.

## Other.

safe = I'm glad to hear that. If the feeling comes back, call or press "Emergency" at any time. What is helping you feel safer right now?
throttled = All your messages have arrived. I'm reading them one by one, no need to hurry.
