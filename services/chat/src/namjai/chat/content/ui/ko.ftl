### What Namjai says around the conversation itself, in Korean. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = 메뉴
label-emergency = 긴급 전화
label-privacy = 개인정보
label-consent = 동의 설정
label-language = 언어 Language
label-stop = 잠시 쉬기
label-start = 다시 시작
label-erase = 내 데이터 삭제
label-erase-confirm = 네, 모두 삭제
label-erase-cancel = 삭제하지 않기
label-agree = 네, 괜찮아요
label-read-first = 먼저 읽어 볼게요
label-safe = 지금은 안전해요
label-more-lines = 모든 번호
label-give-chat = 대화 기억하기
label-withdraw-chat = 기억하지 않기
label-give-clinician = 진료팀 열람 허용
label-withdraw-clinician = 진료팀 열람 거부
label-give-model = 외부 AI 허용
label-withdraw-model = 외부 AI 거부
label-contact = 믿는 사람
label-keep = 그대로 두기
label-contact-change = 다른 사람으로
label-give-contact = 알려도 돼요
label-withdraw-contact = 알리지 마세요
label-chat = 이야기하기
label-diary = 일기
label-plan = 안전 계획
label-instruments = 설문
label-education = 건강 자료
label-interpreter = 통역
label-pictures = 사진 읽기

## The first meeting.

greeting-1 = 안녕하세요, 저는 Namjai예요. 술이나 약물을 끊거나 줄이고 싶은 분과 함께하는 대화 친구입니다. 지금 대화하는 상대는 사람이 아니라 프로그램이에요. 이야기를 듣고, 같이 생각하고, 작은 계획을 도울 수 있어요. 의사도 응급 서비스도 아니니, 안전하지 않을 때는 언제든 "긴급 전화"를 눌러 주세요.
greeting-2 = 더 잘 맞는 답을 드리기 위해 우리가 나눈 이야기를 참고해도 될까요? 거절해도 계속 이야기할 수 있고, 언제든 바꿀 수 있어요. 모든 메시지는 위험 신호가 있는지 항상 확인하며, 있으면 병원 직원에게 알립니다.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    편하게 글을 보내 주세요. 하고 싶은 충동, 실수한 날, 잘 지낸 날, 지친 날, 무엇이든 괜찮아요.
    누르거나 입력할 수 있는 것:
    • 긴급 전화 – 도움을 받을 번호
    • 개인정보 – 무엇을 보관하고 누가 보는지
    • 언어 – ไทย, English, 繁體中文, 한국어 등
    • 잠시 쉬기 – 한동안 조용히 있을게요
    • 믿는 사람 – 병원이 알려도 되는 사람
    • 내 데이터 삭제
help-skills = 도와드릴 수 있는 것:
skill-support = • 이야기하기 – 충동, 실수, 힘든 날, 누군가에 대한 걱정
skill-coping = • 견디기 연습 – 하고 싶거나 마음이 어지러울 때 한 단계씩
skill-diary = • 일기 – 기분, 갈망, 사용 기록과 원하면 알림
skill-plan = • 안전 계획 – 힘든 순간을 위한 나만의 순서
skill-instruments = • 설문 – 기분, 술, 약물에 관한 짧은 질문
skill-education = • 건강 자료 – 병이나 물질에 대한 쉬운 설명, 번역도
skill-interpreter = • 통역 – 나와 의사 사이, 열 가지 언어
skill-pictures = • 사진 – 약 봉투의 내용이나 식물 잎의 상태
skill-nearby = • 가까운 곳 – 위치를 보내면 근처에서 도움받을 곳을 보여 드려요
skill-voice = • 음성 – 글 대신 음성 메시지도 보낼 수 있어요
chat = 듣고 있어요. 마음에 있는 것을 써 주세요.
heard = 🎧 이렇게 들었어요: { $words }

## Emergency, privacy and consent.

emergency = 안전하지 않거나 다친 사람이 있으면 지금 바로 전화해 주세요. 저는 프로그램이라 대신 전화할 수 없어요.
privacy-1 =
    보관하는 것: 보내신 메시지, 제 답, 안전 확인 결과, 언어, 동의 설정. 모두 본인만의 열쇠로 암호화됩니다.
    볼 수 있는 사람: 권한이 있는 병원 직원이, 위험 신호가 있거나 동의하셨을 때 봅니다. 볼 때마다 기록이 남습니다.
    LINE은 자체 정책에 따라 데이터를 보관합니다.
privacy-2 =
    모든 것을 비밀로 하겠다고 약속할 수는 없어요. 누군가 위험할 수 있다는 신호가 있으면, 다른 동의가 없어도 직원에게 알립니다.
    삭제: 메뉴에서 "내 데이터 삭제"를 누르세요. 열쇠가 파기되어 개인 데이터를 다시 읽을 수 없게 됩니다.
consent =
    하나하나 직접 정하실 수 있고 언제든 바꿀 수 있어요. 무엇을 고르든 안전 확인과 긴급 번호는 그대로 있습니다.
    지금 선택:
purpose-chat = 앞서 나눈 이야기를 참고해 더 잘 맞게 답하기
purpose-clinician = 병원 진료팀이 대화를 읽기
purpose-model = 쓰거나 말하거나 보낸 사진을 답변, 번역, 듣기, 말하기, 보기를 돕는 외부 AI 서비스에 보내기
purpose-contact = 위험할 때 병원이 믿는 사람에게 알리기
consent-given = 고맙습니다. 동의하신 것으로 기록했어요: { $purpose }. 마음이 바뀌면 언제든 말해 주세요.
consent-withdrawn = 알겠습니다. 동의하지 않으신 것으로 기록했어요: { $purpose }. 전과 같이 이야기할 수 있어요.
consent-state = • { $purpose }: { $state }
granted = 동의함
not-granted = 동의하지 않음

## Language, pause and erasure.

language-ask = 어떤 언어로 이야기할까요?
language-chosen = 좋아요. 이제부터 한국어로 쓸게요.
in-english = 버튼과 안내는 한국어지만, 대화의 답은 아직 영어로 드려요. 양해해 주세요.
paused = 알겠어요, 조용히 있을게요. 메시지는 계속 위험 신호가 있는지 확인하고, 있으면 전화번호를 보내 드려요. 다시 이야기하고 싶으면 "start"라고 입력해 주세요.
resumed = 다시 이야기하게 되어 반가워요. 오늘은 어떠세요?
erase-ask = 삭제하면 데이터의 열쇠가 파기됩니다. 대화와 개인 데이터는 다시 읽거나 되돌릴 수 없고, 누구인지 알 수 없는 통계만 남습니다. LINE 앱 안의 기록은 직접 지우셔야 해요. 삭제할까요?
erase-confirmed = 삭제 요청을 받아 처리하고 있어요. 함께 이야기해 주셔서 고맙습니다. 원하시면 언제든 새로 시작할 수 있어요.
erase-cancelled = 알겠어요. 아무것도 삭제하지 않았어요.
