//! What the demonstration user writes about: verbs and objects that go together, and where or with whom.

/// Things of one kind. Every verb goes with every object, and every context with both.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) verbs: &'static [&'static str],
    pub(super) objects: &'static [&'static str],
    /// An empty one says that nothing is added.
    pub(super) contexts: &'static [&'static str],
    pub(super) descriptions: &'static [&'static str],
}

/// Work and home, in the languages of the people one has to do with.
pub(super) const SUBJECTS: &[Subject] = &[
    Subject {
        verbs: &["Review", "Finish", "Update", "Send Priya", "Go through"],
        objects: &[
            "the quarterly report",
            "the budget for next year",
            "the onboarding guide",
            "the release notes",
            "the slides",
            "the incident report",
            "the offer of the new supplier",
            "the job description",
            "the privacy notice",
            "the test plan",
            "the roadmap",
        ],
        contexts: &["", "", "with Tomás", "before the board meeting", "for the Lisbon office", "by Friday"],
        descriptions: &[
            "Numbers from finance are in the shared folder.\nPriya has the latest version.",
            "Keep it to two pages. The appendix can wait.",
            "Open points:\n- who signs\n- what happens after March\n- translation",
        ],
    },
    Subject {
        verbs: &["Plan", "Move", "Prepare", "Write up"],
        objects: &[
            "the team offsite",
            "the interview with Marta",
            "the retrospective",
            "the handover to Jonas",
            "the customer visit",
            "the quarterly review",
            "the training on accessibility",
        ],
        contexts: &["", "", "with the design team", "for next month", "in room 4"],
        descriptions: &[
            "Twelve people, two of them remote.",
            "Agenda:\n1. what went well\n2. what did not\n3. what we change",
        ],
    },
    Subject {
        verbs: &["Fix", "Write a test for", "Look into", "Document"],
        objects: &[
            "the slow search",
            "the login on old phones",
            "the nightly backup",
            "the export to CSV",
            "the broken link in the footer",
            "the time zone of reminders",
            "the invoice numbers",
        ],
        contexts: &["", "", "", "with Aiko", "before the release"],
        descriptions: &[
            "Happens about twice a week, always around midnight UTC.",
            "Reported by three customers.\nThe steps are in the ticket, the log is attached there.",
        ],
    },
    Subject {
        verbs: &["Buy", "Order", "Look for"],
        objects: &[
            "oat milk and coffee",
            "light bulbs",
            "a birthday present for Leo",
            "printer paper",
            "batteries",
            "a winter coat for Mia",
            "bread flour",
            "cat food",
            "a new kettle",
            "paint for the balcony",
            "train tickets",
            "a bicycle lock",
        ],
        contexts: &["", "", "", "on the way home", "for the weekend", "before Sunday"],
        descriptions: &["The shop near the station closes at seven.", "Not the cheap ones again: they lasted a month."],
    },
    Subject {
        verbs: &["Call", "Write to", "Visit"],
        objects: &[
            "the dentist",
            "Grandma",
            "the landlord",
            "the tax office",
            "the insurance",
            "the garage",
            "Uncle Rafael",
            "the school",
            "the vet",
        ],
        contexts: &["", "", "about the appointment", "about the bill", "about the keys", "next week"],
        descriptions: &["Mornings only, from eight to eleven.", "Ask for the reference number of the last letter."],
    },
    Subject {
        verbs: &["Clean", "Repair", "Tidy up"],
        objects: &[
            "the kitchen tap",
            "the bicycle",
            "the cellar",
            "the gutters",
            "the old laptop",
            "the garden shed",
            "the coffee machine",
            "the shelf in the hall",
        ],
        contexts: &["", "", "", "with Sam", "before winter", "on Saturday"],
        descriptions: &["The tools are with the neighbours on the second floor.", "Watch the video first."],
    },
    Subject {
        verbs: &["Read", "Listen to", "Give back"],
        objects: &[
            "the book from Ingrid",
            "the course on statistics",
            "the novel from the library",
            "the podcast on sleep",
        ],
        contexts: &["", "", "on the train", "on holiday"],
        descriptions: &["Chapter four onwards.", "Due back at the end of the month."],
    },
    Subject {
        verbs: &["Rechnung bezahlen", "Termin ausmachen", "Unterlagen schicken"],
        objects: &["für die Steuer", "beim Zahnarzt", "an die Hausverwaltung", "für die Kita", "in Zürich"],
        contexts: &["", "", "bis Montag", "mit Jürgen"],
        descriptions: &["Die Nummer steht auf dem letzten Brief.", "Größe und Gewicht nicht vergessen."],
    },
    Subject {
        verbs: &["Llamar", "Escribir", "Llevar flores"],
        objects: &["a la abuela", "al médico", "a los vecinos", "a Begoña"],
        contexts: &["", "", "mañana", "el sábado"],
        descriptions: &["Mejor por la tarde, después de las cinco."],
    },
    Subject {
        verbs: &["Réserver", "Préparer", "Annuler"],
        objects: &["le dîner chez Hélène", "le voyage à Besançon", "la fête des élèves", "le cours de français"],
        contexts: &["", "", "avant Noël", "pour quatre personnes"],
        descriptions: &["Demander une table près de la fenêtre."],
    },
    Subject {
        verbs: &["牛乳を買う", "図書館に行く", "部屋を掃除する", "母に電話する", "会議の資料を作る"],
        objects: &["今日", "明日", "週末"],
        contexts: &[""],
        descriptions: &["忘れないように"],
    },
    Subject {
        verbs: &["दूध खरीदना", "माँ को फ़ोन करना", "बिजली का बिल भरना"],
        objects: &["आज", "कल", "शनिवार को"],
        contexts: &[""],
        descriptions: &["समय पर करना है"],
    },
    Subject {
        verbs: &["Купить", "Найти"],
        objects: &["билеты в театр", "подарок для Ольги", "хлеб и молоко"],
        contexts: &["", "до пятницы"],
        descriptions: &["Спросить у Ольги размер"],
    },
];
