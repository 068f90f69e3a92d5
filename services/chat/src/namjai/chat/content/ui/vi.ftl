### What Namjai says around the conversation itself, in Vietnamese. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = Trình đơn
label-emergency = Khẩn cấp
label-privacy = Quyền riêng tư
label-consent = Sự đồng ý của tôi
label-language = Ngôn ngữ / Language
label-stop = Tạm dừng
label-start = Bắt đầu lại
label-erase = Xóa dữ liệu của tôi
label-erase-confirm = Vâng, xóa hết
label-erase-cancel = Giữ lại
label-agree = Được thôi
label-read-first = Để tôi đọc trước
label-safe = Giờ tôi an toàn
label-more-lines = Tất cả các số
label-give-chat = Nhớ chuyện đã nói
label-withdraw-chat = Đừng nhớ
label-give-clinician = Cho phòng khám đọc
label-withdraw-clinician = Phòng khám không đọc
label-give-model = Cho AI bên ngoài
label-withdraw-model = Không AI bên ngoài
label-contact = Người tôi tin cậy
label-keep = Để nguyên
label-contact-change = Chọn người khác
label-give-contact = Có thể báo cho họ
label-withdraw-contact = Đừng báo cho họ
label-chat = Trò chuyện
label-diary = Nhật ký
label-plan = Kế hoạch an toàn
label-instruments = Bảng câu hỏi
label-education = Tài liệu sức khỏe
label-interpreter = Phiên dịch
label-pictures = Đọc hình ảnh

## The first meeting.

greeting-1 = Xin chào, đây là Namjai, bạn đồng hành của những người muốn bỏ hoặc giảm rượu hay ma túy. Bạn đang nói chuyện với phần mềm, không phải con người. Tôi có thể lắng nghe, cùng bạn suy nghĩ và lên kế hoạch từng bước nhỏ. Tôi không phải bác sĩ và không phải dịch vụ cấp cứu; nếu bạn không an toàn, hãy bấm "Khẩn cấp" bất cứ lúc nào.
greeting-2 = Tôi có thể dùng những điều chúng ta đã nói để trả lời hợp với bạn hơn không? Bạn có thể từ chối mà vẫn trò chuyện được, và đổi ý lúc nào cũng được. Mọi tin nhắn luôn được kiểm tra dấu hiệu nguy hiểm; nếu có, nhân viên phòng khám sẽ được báo.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    Bạn cứ viết cho tôi. Cơn thèm, lần lỡ tay, ngày tốt, ngày mệt: chuyện gì cũng được.
    Bạn có thể bấm hoặc gõ:
    • Khẩn cấp – các số để gọi
    • Quyền riêng tư – lưu gì và ai xem được
    • Ngôn ngữ – ไทย, English, 繁體中文, tiếng Việt…
    • Tạm dừng – tôi im lặng một thời gian
    • Người tôi tin cậy – người phòng khám có thể báo
    • Xóa dữ liệu của tôi
help-skills = Tôi có thể giúp bạn:
skill-support = • Trò chuyện – cơn thèm, lần lỡ tay, ngày khó khăn, hay lo cho người khác
skill-coping = • Bài tập vượt qua – từng bước khi thèm hay rối lòng
skill-diary = • Nhật ký – tâm trạng, cơn thèm và việc dùng, có nhắc nếu bạn muốn
skill-plan = • Kế hoạch an toàn – các bước của riêng bạn cho lúc khó khăn
skill-instruments = • Bảng câu hỏi – câu hỏi ngắn về tâm trạng, rượu hay ma túy
skill-education = • Tài liệu sức khỏe – giải thích dễ hiểu về bệnh hay một chất, có bản dịch
skill-interpreter = • Phiên dịch – giữa bạn và bác sĩ, mười ngôn ngữ
skill-pictures = • Hình ảnh – vỏ thuốc ghi gì, lá cây bị gì
skill-nearby = • Gần đây – gửi vị trí để xem nơi giúp đỡ gần bạn
skill-voice = • Giọng nói – gửi tin nhắn thoại thay cho gõ chữ
chat = Tôi đang nghe đây. Bạn nghĩ gì cứ viết ra nhé.
heard = 🎧 Tôi nghe được: { $words }

## Emergency, privacy and consent.

emergency = Nếu bạn không an toàn hoặc có người bị thương, hãy gọi ngay. Tôi là phần mềm và không thể gọi thay bạn.
privacy-1 =
    Những gì được lưu: tin nhắn của bạn, câu trả lời của tôi, kết quả kiểm tra an toàn, ngôn ngữ và sự đồng ý của bạn, tất cả được mã hóa bằng khóa riêng của bạn.
    Ai xem được: nhân viên phòng khám có quyền, khi có dấu hiệu nguy hiểm hoặc khi bạn đã đồng ý. Mỗi lần xem đều được ghi lại.
    Cần biết: LINE lưu dữ liệu của họ theo chính sách riêng.
privacy-2 =
    Tôi không thể hứa giữ kín mọi điều. Nếu có dấu hiệu ai đó có thể gặp nguy hiểm, nhân viên sẽ được báo, dù bạn không đồng ý điều gì khác.
    Xóa: bấm "Xóa dữ liệu của tôi" trong trình đơn. Khóa của bạn bị hủy và không ai đọc lại được dữ liệu cá nhân của bạn.
consent =
    Mỗi điều là lựa chọn của bạn, và bạn đổi lúc nào cũng được. Dù chọn gì, việc kiểm tra an toàn và các số khẩn cấp vẫn còn.
    Hiện bạn đã chọn:
purpose-chat = dùng những điều đã nói để trả lời hợp với bạn hơn
purpose-clinician = cho nhóm chăm sóc ở phòng khám đọc cuộc trò chuyện
purpose-model = gửi những gì tôi viết, nói hoặc cho xem đến dịch vụ AI bên ngoài giúp trả lời, dịch, nghe, nói và xem
purpose-contact = cho phòng khám báo người bạn tin cậy khi bạn gặp nguy hiểm
consent-given = Cảm ơn bạn. Đã ghi nhận bạn đồng ý: { $purpose }. Khi nào đổi ý cứ cho tôi biết.
consent-withdrawn = Được. Đã ghi nhận bạn không đồng ý: { $purpose }. Chúng ta vẫn trò chuyện như trước.
consent-state = • { $purpose }: { $state }
granted = đồng ý
not-granted = không đồng ý

## Language, pause and erasure.

language-ask = Bạn muốn tôi dùng ngôn ngữ nào?
language-chosen = Được chứ. Từ giờ tôi sẽ viết bằng tiếng Việt.
in-english = Nút bấm và hướng dẫn có tiếng Việt, nhưng câu trả lời trong trò chuyện hiện vẫn bằng tiếng Anh. Mong bạn thông cảm.
paused = Được, tôi sẽ im lặng. Tin nhắn của bạn vẫn được kiểm tra dấu hiệu nguy hiểm, và nếu có tôi sẽ gửi các số để gọi. Khi muốn nói chuyện lại, hãy gõ "start".
resumed = Rất vui được nói chuyện lại với bạn. Hôm nay bạn thế nào?
erase-ask = Nếu xóa, khóa dữ liệu của bạn bị hủy. Cuộc trò chuyện và dữ liệu cá nhân không đọc lại hay khôi phục được; chỉ còn những con số không cho biết bạn là ai. Nội dung trong ứng dụng LINE của bạn thì bạn phải tự xóa. Bạn có muốn xóa không?
erase-confirmed = Yêu cầu xóa của bạn đã được ghi nhận và đang thực hiện. Cảm ơn bạn đã trò chuyện. Khi nào muốn, bạn có thể bắt đầu lại từ đầu.
erase-cancelled = Được, không có gì bị xóa.
