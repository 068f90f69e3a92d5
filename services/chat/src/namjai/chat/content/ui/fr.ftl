### What Namjai says around the conversation itself, in French. What is missing here is said in English.

meta =
    .status = draft
    .author = Namjai project
    .version = 2

## Buttons: at most 20 characters each.

label-help = Menu d'aide
label-emergency = Urgence
label-privacy = Confidentialité
label-consent = Mon accord
label-language = Langue / Language
label-stop = Pause
label-start = Recommencer
label-erase = Effacer mes données
label-erase-confirm = Oui, tout effacer
label-erase-cancel = Ne pas effacer
label-agree = D'accord
label-read-first = Je lis d'abord
label-safe = Hors de danger
label-more-lines = Tous les numéros
label-give-chat = Retenir nos échanges
label-withdraw-chat = Ne pas retenir
label-give-clinician = Clinique : peut lire
label-withdraw-clinician = Clinique : non
label-give-model = Oui à l'IA externe
label-withdraw-model = Pas d'IA externe
label-contact = Mon contact
label-keep = Laisser ainsi
label-contact-change = Changer de personne
label-give-contact = On peut l'avertir
label-withdraw-contact = Ne pas l'avertir
label-chat = Parler
label-diary = Journal
label-plan = Plan de sécurité
label-instruments = Questionnaires
label-education = Fiches santé
label-interpreter = Interprète
label-pictures = Lire une photo

## The first meeting.

greeting-1 = Bonjour, ici Namjai, une compagnie pour celles et ceux qui veulent arrêter ou réduire l'alcool ou les drogues. Vous parlez à un programme, pas à une personne. Je peux écouter, réfléchir avec vous et vous aider à préparer de petits pas. Je ne suis ni médecin ni service d'urgence ; si vous êtes en danger, appuyez sur « Urgence » à tout moment.
greeting-2 = Puis-je utiliser ce dont nous parlons pour mieux vous répondre ? Vous pouvez dire non et nous parlerons quand même, et vous pouvez changer d'avis quand vous voulez. Chaque message est toujours vérifié à la recherche de signes de danger et, s'il y en a, l'équipe de la clinique est prévenue.

## Help: the first lines, then a line for each skill that the clinic has switched on.

help =
    Écrivez-moi simplement. Envies, faux pas, bons jours, jours de fatigue : tout est bienvenu.
    Vous pouvez appuyer ou écrire :
    • Urgence – des numéros à appeler
    • Confidentialité – ce qui est gardé et qui peut le voir
    • Langue – ไทย, English, 繁體中文, français…
    • Pause – je me tais un moment
    • Mon contact – qui la clinique peut avertir
    • Effacer mes données
help-skills = Ce que je peux faire pour vous :
skill-support = • Parler – envies, faux pas, jours difficiles, ou inquiétude pour un proche
skill-coping = • Exercices – guidés, pour une envie ou un esprit agité
skill-diary = • Journal – humeur, envies et consommation, avec des rappels si vous voulez
skill-plan = • Plan de sécurité – vos propres étapes pour un mauvais moment
skill-instruments = • Questionnaires – de courtes questions sur l'humeur, l'alcool ou les drogues
skill-education = • Fiches santé – une maladie ou une substance expliquée simplement, aussi traduite
skill-interpreter = • Interprète – entre vous et votre médecin, en dix langues
skill-pictures = • Photos – ce que dit une boîte de médicament, ou ce qu'a une feuille
skill-nearby = • À proximité – envoyez votre position et voyez qui peut aider près de vous
skill-voice = • Voix – envoyez un message vocal au lieu d'écrire
chat = Je vous écoute. Écrivez ce qui vous passe par la tête.
heard = 🎧 J'ai entendu : { $words }

## Emergency, privacy and consent.

emergency = Si vous êtes en danger ou si quelqu'un est blessé, appelez maintenant. Je suis un programme et je ne peux pas appeler à votre place.
privacy-1 =
    Ce qui est gardé : vos messages, mes réponses, le résultat de la vérification de sécurité, votre langue et vos accords, le tout chiffré avec une clé qui n'est qu'à vous.
    Qui peut le voir : le personnel autorisé de la clinique, en cas de signe de danger ou si vous l'avez accepté. Chaque consultation est enregistrée.
    Bon à savoir : LINE garde ses propres données selon sa politique.
privacy-2 =
    Je ne peux pas promettre de tout garder secret. S'il y a un signe que quelqu'un est peut-être en danger, l'équipe est prévenue, même si vous n'avez rien accepté d'autre.
    Effacer : appuyez sur « Effacer mes données » dans le menu. Votre clé est détruite et personne ne pourra plus lire vos données personnelles.
consent =
    Chaque point est votre choix, et vous pouvez le changer à tout moment. Quoi que vous choisissiez, la vérification de sécurité et les numéros d'urgence restent.
    Votre choix actuel :
purpose-chat = utiliser nos échanges passés pour mieux vous répondre
purpose-clinician = laisser l'équipe de la clinique lire notre conversation
purpose-model = envoyer ce que j'écris, dis ou montre à un service d'IA externe qui aide à répondre, traduire, écouter, parler et regarder
purpose-contact = laisser la clinique avertir votre personne de confiance en cas de danger
consent-given = Merci. C'est noté, vous acceptez ceci : { $purpose }. Dites-le-moi si vous changez d'avis.
consent-withdrawn = Très bien. C'est noté, vous n'acceptez pas ceci : { $purpose }. Nous pouvons continuer à parler comme avant.
consent-state = • { $purpose } : { $state }
granted = accepté
not-granted = pas accepté

## Language, pause and erasure.

language-ask = Dans quelle langue voulez-vous que je parle ?
language-chosen = Avec plaisir. J'écris désormais en français.
in-english = Les boutons et les indications sont en français, mais pour l'instant les réponses de la conversation sont en anglais. Merci de votre compréhension.
paused = D'accord, je me tais. Vos messages restent vérifiés à la recherche de signes de danger et, s'il y en a, je vous enverrai des numéros à appeler. Écrivez « start » quand vous voudrez reparler.
resumed = C'est bien de vous retrouver. Comment allez-vous aujourd'hui ?
erase-ask = Si vous effacez, la clé de vos données est détruite. Notre conversation et vos données personnelles ne pourront plus être lues ni retrouvées ; il ne reste que des chiffres qui ne disent pas qui vous êtes. Ce qui est dans votre application LINE, vous devez l'effacer vous-même. Voulez-vous effacer ?
erase-confirmed = Votre demande d'effacement est enregistrée et en cours. Merci d'avoir parlé avec moi. Si un jour vous le voulez, vous pourrez repartir de zéro.
erase-cancelled = D'accord, rien n'a été effacé.
