### What Namjai says around the conversation itself, in Spanish. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = Menú
label-emergency = Emergencia
label-privacy = Privacidad
label-consent = Mi consentimiento
label-language = Idioma / Language
label-stop = Pausa
label-start = Empezar de nuevo
label-erase = Borrar mis datos
label-erase-confirm = Sí, borrar todo
label-erase-cancel = No borrar
label-agree = De acuerdo
label-read-first = Quiero leer antes
label-safe = Ya no hay peligro
label-more-lines = Todos los números
label-give-chat = Recordar lo hablado
label-withdraw-chat = No recordar
label-give-clinician = Que lea la clínica
label-withdraw-clinician = Que no me lean
label-give-model = Permitir IA externa
label-withdraw-model = Sin IA externa
label-contact = Mi contacto
label-keep = Dejarlo así
label-contact-change = Nombrar a otra
label-give-contact = Pueden avisarle
label-withdraw-contact = No le avisen
label-chat = Hablar
label-diary = Diario
label-plan = Plan de seguridad
label-instruments = Cuestionarios
label-education = Folletos de salud
label-interpreter = Intérprete
label-pictures = Leer una foto

## The first meeting.

greeting-1 = Hola, soy Namjai, una compañía para quienes quieren dejar o reducir el alcohol o las drogas. Estás hablando con un programa, no con una persona. Puedo escuchar, pensar contigo y ayudarte a planear pasos pequeños. No soy médico ni un servicio de emergencias; si corres peligro, pulsa "Emergencia" en cualquier momento.
greeting-2 = ¿Puedo usar lo que hablamos para que mis respuestas se ajusten mejor a ti? Puedes decir que no y seguiremos hablando, y puedes cambiar de idea cuando quieras. Todos los mensajes se revisan siempre por si hay señales de peligro y, si las hay, se avisa al personal de la clínica.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    Escríbeme sin más. Ganas de consumir, tropiezos, días buenos, días de cansancio: todo cabe.
    Puedes pulsar o escribir:
    • Emergencia – números a los que llamar
    • Privacidad – qué se guarda y quién lo ve
    • Idioma – ไทย, English, 繁體中文, español…
    • Pausa – me quedo en silencio un tiempo
    • Mi contacto – a quién puede avisar la clínica
    • Borrar mis datos
help-skills = Lo que puedo hacer por ti:
skill-support = • Hablar – ganas de consumir, tropiezos, días difíciles o preocupación por alguien
skill-coping = • Ejercicios – guiados, para las ganas o la mente agitada
skill-diary = • Diario – ánimo, ganas y consumo, con recordatorios si quieres
skill-plan = • Plan de seguridad – tus propios pasos para un mal momento
skill-instruments = • Cuestionarios – preguntas breves sobre el ánimo, el alcohol o las drogas
skill-education = • Folletos de salud – explicaciones claras de una enfermedad o sustancia, también traducidas
skill-interpreter = • Intérprete – entre tú y tu médico, en diez idiomas
skill-pictures = • Fotos – qué dice un envase de medicina, o qué le pasa a una hoja
skill-nearby = • Cerca – envía tu ubicación y mira quién puede ayudarte cerca
skill-voice = • Voz – envía un mensaje de voz en lugar de escribir
chat = Te escucho. Escribe lo que tengas en mente.
heard = 🎧 He oído: { $words }

## Emergency, privacy and consent.

emergency = Si corres peligro o hay alguien herido, llama ahora. Soy un programa y no puedo llamar por ti.
privacy-1 =
    Qué se guarda: tus mensajes, mis respuestas, el resultado de la revisión de seguridad, tu idioma y tus consentimientos, todo cifrado con una clave solo tuya.
    Quién puede verlo: el personal de la clínica con permiso, cuando hay señales de peligro o cuando tú lo has aceptado. Cada consulta queda registrada.
    Conviene saber: LINE guarda sus propios datos según su política.
privacy-2 =
    No puedo prometer que todo quede en secreto. Si hay señales de que alguien puede estar en peligro, se avisa al personal, aunque no hayas aceptado nada más.
    Borrar: pulsa "Borrar mis datos" en el menú. Tu clave se destruye y nadie podrá volver a leer tus datos personales.
consent =
    Cada punto lo decides tú y puedes cambiarlo cuando quieras. Elijas lo que elijas, la revisión de seguridad y los números de emergencia siguen ahí.
    Ahora has elegido:
purpose-chat = usar lo que hablamos antes para responderte mejor
purpose-clinician = que tu equipo de la clínica lea nuestra conversación
purpose-model = enviar lo que escribo, digo o muestro a un servicio externo de IA que ayuda a responder, traducir, escuchar, hablar y mirar
purpose-contact = que la clínica avise a tu persona de confianza si estás en peligro
consent-given = Gracias. Queda anotado que aceptas esto: { $purpose }. Dime si cambias de idea.
consent-withdrawn = De acuerdo. Queda anotado que no aceptas esto: { $purpose }. Podemos seguir hablando como antes.
consent-state = • { $purpose }: { $state }
granted = aceptado
not-granted = no aceptado

## Language, pause and erasure.

language-ask = ¿En qué idioma quieres que hablemos?
language-chosen = Con gusto. A partir de ahora escribo en español.
in-english = Los botones y las indicaciones están en español, pero por ahora las respuestas de la conversación llegan en inglés. Perdona la molestia.
paused = De acuerdo, me quedo en silencio. Tus mensajes se siguen revisando por si hay señales de peligro y, si las hay, te enviaré números a los que llamar. Escribe "start" cuando quieras hablar otra vez.
resumed = Me alegra hablar contigo otra vez. ¿Cómo estás hoy?
erase-ask = Si borras, se destruye la clave de tus datos. Nuestra conversación y tus datos personales no se podrán leer ni recuperar; solo quedan cifras que no dicen quién eres. Lo que hay en tu aplicación LINE lo tienes que borrar tú. ¿Quieres borrarlo?
erase-confirmed = Tu petición de borrado queda registrada y está en marcha. Gracias por hablar conmigo. Si algún día quieres, puedes empezar de cero.
erase-cancelled = De acuerdo, no se ha borrado nada.
