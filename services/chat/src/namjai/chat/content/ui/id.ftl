### What Namjai says around the conversation itself, in Indonesian. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = Menu bantuan
label-emergency = Darurat
label-privacy = Privasi
label-consent = Persetujuan saya
label-language = Bahasa / Language
label-stop = Jeda dulu
label-start = Mulai lagi
label-erase = Hapus data saya
label-erase-confirm = Ya, hapus semua
label-erase-cancel = Jangan dihapus
label-agree = Boleh
label-read-first = Saya baca dulu
label-safe = Saya aman sekarang
label-more-lines = Semua nomor
label-give-chat = Ingat obrolan kita
label-withdraw-chat = Jangan diingat
label-give-clinician = Klinik boleh baca
label-withdraw-clinician = Klinik jangan baca
label-give-model = AI luar boleh bantu
label-withdraw-model = Tanpa AI luar
label-contact = Orang tepercaya
label-keep = Biarkan saja
label-contact-change = Ganti orang
label-give-contact = Boleh diberi tahu
label-withdraw-contact = Jangan diberi tahu
label-chat = Mengobrol
label-diary = Catatan harian
label-plan = Rencana aman
label-instruments = Kuesioner
label-education = Info kesehatan
label-interpreter = Penerjemah
label-pictures = Baca gambar

## The first meeting.

greeting-1 = Halo, ini Namjai, teman bagi orang yang ingin berhenti atau mengurangi alkohol atau narkoba. Anda berbicara dengan perangkat lunak, bukan dengan manusia. Saya bisa mendengarkan, berpikir bersama, dan membantu merencanakan langkah kecil. Saya bukan dokter dan bukan layanan darurat; kalau Anda tidak aman, tekan "Darurat" kapan saja.
greeting-2 = Bolehkah saya memakai apa yang kita bicarakan agar jawaban saya lebih cocok untuk Anda? Anda boleh menolak dan kita tetap bisa mengobrol, dan Anda bisa berubah pikiran kapan saja. Setiap pesan selalu diperiksa apakah ada tanda bahaya; kalau ada, petugas klinik diberi tahu.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    Tulis saja kepada saya. Keinginan memakai, saat terpeleset, hari baik, hari lelah: semuanya boleh.
    Anda bisa menekan atau mengetik:
    • Darurat – nomor yang bisa ditelepon
    • Privasi – apa yang disimpan dan siapa yang melihat
    • Bahasa – ไทย, English, 繁體中文, bahasa Indonesia…
    • Jeda – saya diam dulu
    • Orang tepercaya – yang boleh diberi tahu klinik
    • Hapus data saya
help-skills = Yang bisa saya bantu:
skill-support = • Mengobrol – keinginan memakai, terpeleset, hari berat, atau cemas tentang orang lain
skill-coping = • Latihan mengatasi – dipandu saat ingin memakai atau pikiran kacau
skill-diary = • Catatan harian – suasana hati, keinginan, dan pemakaian, dengan pengingat bila mau
skill-plan = • Rencana aman – langkah Anda sendiri untuk saat yang berat
skill-instruments = • Kuesioner – pertanyaan singkat tentang suasana hati, alkohol, atau narkoba
skill-education = • Info kesehatan – penjelasan mudah tentang penyakit atau zat, juga terjemahannya
skill-interpreter = • Penerjemah – antara Anda dan dokter, sepuluh bahasa
skill-pictures = • Gambar – apa isi kemasan obat, atau apa yang terjadi pada daun tanaman
skill-nearby = • Di sekitar – kirim lokasi Anda dan lihat siapa yang bisa membantu di dekat Anda
skill-voice = • Suara – kirim pesan suara sebagai ganti mengetik
chat = Saya mendengarkan. Tulis apa saja yang Anda pikirkan.
heard = 🎧 Yang saya dengar: { $words }

## Emergency, privacy and consent.

emergency = Kalau Anda tidak aman atau ada yang terluka, teleponlah sekarang. Saya perangkat lunak dan tidak bisa menelepon untuk Anda.
privacy-1 =
    Yang disimpan: pesan Anda, jawaban saya, hasil pemeriksaan keamanan, bahasa, dan persetujuan Anda, semuanya dienkripsi dengan kunci Anda sendiri.
    Siapa yang bisa melihat: petugas klinik yang berhak, saat ada tanda bahaya atau saat Anda setuju. Setiap kali dilihat akan dicatat.
    Perlu diketahui: LINE menyimpan datanya sendiri menurut kebijakannya.
privacy-2 =
    Saya tidak bisa berjanji merahasiakan semuanya. Kalau ada tanda seseorang mungkin dalam bahaya, petugas diberi tahu, walaupun Anda tidak menyetujui hal lain.
    Menghapus: tekan "Hapus data saya" di menu. Kunci Anda dimusnahkan dan data pribadi Anda tidak bisa dibaca lagi.
consent =
    Semuanya pilihan Anda, dan bisa diubah kapan saja. Apa pun pilihannya, pemeriksaan keamanan dan nomor darurat tetap ada.
    Pilihan Anda sekarang:
purpose-chat = memakai obrolan sebelumnya agar jawaban lebih cocok
purpose-clinician = tim klinik boleh membaca percakapan kita
purpose-model = mengirim yang saya tulis, ucapkan, atau tunjukkan ke layanan AI luar yang membantu menjawab, menerjemahkan, mendengar, berbicara, dan melihat
purpose-contact = klinik boleh memberi tahu orang tepercaya saat Anda dalam bahaya
consent-given = Terima kasih. Sudah dicatat bahwa Anda setuju: { $purpose }. Beri tahu saya kalau berubah pikiran.
consent-withdrawn = Baik. Sudah dicatat bahwa Anda tidak setuju: { $purpose }. Kita tetap bisa mengobrol seperti biasa.
consent-state = • { $purpose }: { $state }
granted = setuju
not-granted = tidak setuju

## Language, pause and erasure.

language-ask = Anda ingin saya memakai bahasa apa?
language-chosen = Baik. Mulai sekarang saya menulis dalam bahasa Indonesia.
in-english = Tombol dan petunjuk sudah dalam bahasa Indonesia, tetapi jawaban obrolan untuk sementara masih dalam bahasa Inggris. Mohon maklum.
paused = Baik, saya diam dulu. Pesan Anda tetap diperiksa apakah ada tanda bahaya, dan kalau ada saya akan mengirim nomor yang bisa ditelepon. Ketik "start" kalau ingin mengobrol lagi.
resumed = Senang bisa mengobrol lagi. Bagaimana hari ini?
erase-ask = Kalau dihapus, kunci data Anda dimusnahkan. Percakapan dan data pribadi Anda tidak bisa dibaca atau dikembalikan lagi; yang tersisa hanya angka yang tidak menunjukkan siapa Anda. Isi di aplikasi LINE Anda perlu Anda hapus sendiri. Mau dihapus?
erase-confirmed = Permintaan hapus Anda sudah dicatat dan sedang diproses. Terima kasih sudah mengobrol. Kapan pun Anda mau, Anda bisa mulai dari awal.
erase-cancelled = Baik, tidak ada yang dihapus.
