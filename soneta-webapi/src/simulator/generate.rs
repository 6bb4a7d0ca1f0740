//! Makes a catalogue out of a seed: the same seed, number of goods and warehouses always make the same catalogue.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    catalogue::{
        Adres, Catalogue, Cena, Instant, Kontakt, Kontrahent, MiejsceDostawy, Towar, Typ, Vat, id_of,
    },
    number::Number,
    pricing::Terms,
};

/// SplitMix64: small, and the same on every machine.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice for one thing of one seed, so that a change of one thing leaves the others alone.
    pub(super) fn new(seed: u64, thing: u64) -> Self {
        let mut dice = Self(seed ^ thing.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = usize::try_from(self.below(u64::try_from(from.len()).unwrap_or(1))).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    fn guid(&mut self) -> Uuid {
        let bytes = (u128::from(self.next()) << 64) | u128::from(self.next());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    /// Stock of one good in one warehouse: often nothing, else up to 250; goods by weight with a fraction.
    pub(super) fn stock(&mut self, by_weight: bool) -> Decimal {
        let pieces = self.below(5) * self.below(64);
        let whole = Decimal::from(pieces.min(250));
        if by_weight && pieces > 0 {
            whole + Decimal::new(i64::from(self.below(4) == 0) * 5, 1)
        } else {
            whole
        }
    }
}

/// Noun, ending of its adjectives, path of its group, prefix of its code.
const NOUNS: [(&str, &str, &str, &str); 16] = [
    ("Śruba", "a", r"\Narzędzia\Łączniki\", "SRU"),
    ("Wkręt", "y", r"\Narzędzia\Łączniki\", "WKR"),
    ("Żarówka", "a", r"\Elektryka\Źródła światła\", "ZAR"),
    ("Gniazdo", "e", r"\Elektryka\Osprzęt\", "GNI"),
    ("Kłódka", "a", r"\Zabezpieczenia\", "KLO"),
    ("Młotek", "y", r"\Narzędzia\Ręczne\", "MLO"),
    ("Wiertło", "e", r"\Narzędzia\Osprzęt\", "WIE"),
    ("Taśma", "a", r"\Chemia i taśmy\", "TAS"),
    ("Rękawica", "a", r"\Odzież robocza\", "REK"),
    ("Przewód", "y", r"\Elektryka\Kable\", "PRZ"),
    ("Złączka", "a", r"\Hydraulika\Złącza\", "ZLA"),
    ("Wąż ogrodowy", "y", r"\Ogród\", "WAZ"),
    ("Pędzel", "y", r"\Malowanie\Pędzle\", "PED"),
    ("Łopata", "a", r"\Ogród\", "LOP"),
    ("Uchwyt", "y", r"\Meble\Okucia\", "UCH"),
    ("Krzesło", "e", r"\Meble\", "KRZ"),
];
const ADJECTIVES: [&str; 9] =
    ["ocynkowan", "biał", "żółt", "wzmocnion", "nierdzewn", "czarn", "składan", "żaroodporn", "gładk-"];
const SIZES: [&str; 8] = ["M6", "M8×40", "10 mm", "2,5 m", "mała", "duża", "5 szt.", "½″"];
const MAKERS: [&str; 6] = ["Świt", "Żelazny", "Łączność", "Zakłady Ząbkowice", "Olimpia", "PHU Gęś"];
const UNITS: [&str; 5] = ["szt", "szt", "para", "kpl", "kg"];
const TOWNS: [(&str, &str); 5] = [
    ("Łódź", "90-001"),
    ("Gdańsk", "80-001"),
    ("Kraków", "30-001"),
    ("Świdnica", "58-100"),
    ("Ząbki", "05-091"),
];
const STREETS: [&str; 4] = ["Świętojańska", "Długa", "Żeromskiego", "Piękna"];

const PERSONS: [(&str, &str); 5] = [
    ("Grażyna", "Wójcik"),
    ("Łukasz", "Żak"),
    ("Świętosława", "Dąbrowska"),
    ("Paweł", "Gęsicki"),
    ("Małgorzata", "Źrebiec"),
];
/// Words of the price group feature: without and with a discount.
pub(super) const PRICE_GROUPS: [&str; 2] = ["Detal", "Hurt"];

/// The discounts of profiles are a quarter of a percent apart and stay below 100; each is there with both price lists.
pub(super) const MOST_PROFILES: usize = 800;

/// How large a company is generated.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) goods: usize,
    pub(super) contractors: usize,
    /// Over how many price profiles the contractors are spread; otherwise these arise from the seed.
    pub(super) profiles: Option<usize>,
}

/// Goods, contractors and stock from a seed. The first good is the service `PK` (courier), every 50th is a service too.
pub(super) fn generate(size: &Size, seed: u64, warehouses: &[String]) -> Catalogue {
    let mut catalogue = Catalogue::with_warehouses(warehouses);
    catalogue.towary.reserve_exact(size.goods);
    for n in 0..size.goods {
        let towar = towar(&mut catalogue, n, seed);
        catalogue.towary.push(towar);
    }
    let contractors = u64::try_from(size.contractors).unwrap_or(0);
    catalogue.kontrahenci = (0..contractors).map(|n| kontrahent(n, seed)).collect();
    if let Some(profiles) = size.profiles {
        for (n, kontrahent) in catalogue.kontrahenci.iter_mut().enumerate() {
            kontrahent.rabat = discount_of(n % profiles);
        }
    }
    contractor_details(&mut catalogue, seed);
    stock(&mut catalogue, seed);
    catalogue.terms = Terms::generated(&catalogue, seed, size.profiles);
    catalogue.index();
    catalogue
}

/// Two profiles each have the same discount: the retail list's and the wholesale list's.
fn discount_of(profile: usize) -> Decimal {
    Decimal::new(i64::try_from(profile / 2 * 25).unwrap_or(0), 2)
}

/// Fills the stock of all goods that have any from the seed.
pub(super) fn stock(catalogue: &mut Catalogue, seed: u64) {
    let mut stany = Vec::with_capacity(catalogue.towary.len() * catalogue.magazyny.len());
    for (n, towar) in catalogue.towary.iter().enumerate() {
        let mut dice = Dice::new(seed, u64::try_from(n).unwrap_or(0) | 1 << 40);
        let by_weight = catalogue.words.word(towar.jednostka) == "kg";
        for _ in &catalogue.magazyny {
            stany.push(if towar.typ.has_stock() { dice.stock(by_weight) } else { Decimal::ZERO });
        }
    }
    catalogue.stany = stany;
}

fn towar(catalogue: &mut Catalogue, n: usize, seed: u64) -> Towar {
    let number = u64::try_from(n).unwrap_or(0) + 1;
    let mut dice = Dice::new(seed, number);
    let words = &mut catalogue.words;
    let guid = dice.guid();
    let vat = match dice.below(10) {
        0 => Vat::Obnizona,
        1 => Vat::Najnizsza,
        _ => Vat::Podstawowa,
    };
    let netto = Decimal::new(i64::try_from(dice.below(dice_price(number)) + 99).unwrap_or(99), 2);
    let (noun, ending, group, prefix) = dice.pick(&NOUNS);
    let adjective = match dice.pick(&ADJECTIVES) {
        // After k the ending is -ki, -ka, -kie.
        "gładk-" => format!(
            "gładk{}",
            match ending {
                "y" => "i",
                "e" => "ie",
                other => other,
            }
        ),
        stem => format!("{stem}{ending}"),
    };
    let size = dice.pick(&SIZES);
    let unit = dice.pick(&UNITS);
    let maker = dice.pick(&MAKERS);
    let weight = Decimal::new(i64::try_from(dice.below(9_000) + 10).unwrap_or(10), 3);
    let cartons = dice.below(8) == 0;
    let service = n == 0 || number.is_multiple_of(50);
    let (kod, nazwa, unit, group) = match (n, service) {
        (0, _) => ("PK".to_owned(), "Przesyłka kurierska".to_owned(), "szt", r"\Usługi\"),
        (_, true) => (format!("USL-{number:06}"), format!("Montaż: {noun} {adjective}"), "szt", r"\Usługi\"),
        _ => (format!("{prefix}-{number:06}"), format!("{noun} {adjective} {size} nr {number}"), unit, group),
    };
    let jednostka = words.number(unit);
    Towar {
        guid,
        kod: kod.into(),
        nazwa: nazwa.into(),
        ean: (!service).then(|| ean13(5_900_000_000_000 / 10 + number).into()),
        typ: match (service, number.is_multiple_of(33)) {
            (true, _) => Typ::Usluga,
            (false, true) => Typ::Produkt,
            (false, false) => Typ::Towar,
        },
        vat,
        jednostka,
        grupa: words.number(group),
        producent: words.number(if service { "" } else { maker }),
        masa: (!service).then(|| (weight, words.number("kg"))),
        w_kartonie: if cartons && !service { 12 } else { 0 },
        blokada: false,
        zaznaczony: true,
        cena: Some(Cena {
            netto,
            brutto: vat.gross(netto),
            za_ilosc: Decimal::ONE,
            jednostka,
            waluta: words.number("PLN"),
        }),
        zmieniono: Instant::of_import(n),
    }
}

/// Most goods are cheap, every seventh may cost up to 10,000.
fn dice_price(number: u64) -> u64 {
    if number.is_multiple_of(7) { 1_000_000 } else { 30_000 }
}

/// Twelve digits with their check digit.
fn ean13(twelve: u64) -> String {
    let digits = format!("{twelve:012}");
    let sum: u32 = digits
        .chars()
        .enumerate()
        .map(|(at, digit)| digit.to_digit(10).unwrap_or(0) * if at % 2 == 1 { 3 } else { 1 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn kontrahent(n: u64, seed: u64) -> Kontrahent {
    let mut dice = Dice::new(seed, (n + 1) | 1 << 50);
    let (miejscowosc, kod_pocztowy) = dice.pick(&TOWNS);
    let nip = nip(&mut dice);
    Kontrahent {
        guid: dice.guid(),
        kod: format!("K{:04}", n + 1),
        nazwa: format!("Przedsiębiorstwo {} nr {}\nOddział {miejscowosc}", dice.pick(&MAKERS), n + 1),
        eu_vat: format!("PL{nip}"),
        nip,
        adres: Adres {
            ulica: dice.pick(&STREETS).to_owned(),
            nr_domu: (dice.below(120) + 1).to_string(),
            kod_pocztowy: kod_pocztowy.to_owned(),
            miejscowosc: miejscowosc.to_owned(),
            ..Adres::default()
        },
        termin_dni: 14,
        waluta: "PLN".to_owned(),
        rabat: if n % 5 == 4 { Decimal::from(10) } else { Decimal::ZERO },
        blokada_sprzedazy: n % 7 == 6,
        ..Kontrahent::default()
    }
}

/// Fills from the seed what exports of contractors do not hold: places, persons, group, segment, terms, limit. Every third has two
/// delivery places, every second a person, every fourth no credit limit.
pub(super) fn contractor_details(catalogue: &mut Catalogue, seed: u64) {
    for (n, kontrahent) in catalogue.kontrahenci.iter_mut().enumerate() {
        let mut dice = Dice::new(seed, u64::try_from(n).unwrap_or(0) | 1 << 60);
        let first = id_of(n).saturating_mul(10);
        let country = kontrahent.eu_vat.get(..2).filter(|two| two.chars().all(|c| c.is_ascii_uppercase()));
        kontrahent.adres.kod_kraju = country.unwrap_or("PL").to_owned();
        kontrahent.rodzaj_vat =
            if kontrahent.adres.kod_kraju == "PL" { "Krajowy" } else { "Unijny" }.to_owned();
        if n % 3 == 1 {
            for id in [first, first + 1] {
                let (miejscowosc, kod_pocztowy) = dice.pick(&TOWNS);
                kontrahent.miejsca_dostaw.push(MiejsceDostawy {
                    id,
                    nazwa: format!("Magazyn {miejscowosc}"),
                    adres: Adres {
                        ulica: dice.pick(&STREETS).to_owned(),
                        nr_domu: (dice.below(90) + 1).to_string(),
                        kod_pocztowy: kod_pocztowy.to_owned(),
                        miejscowosc: miejscowosc.to_owned(),
                        kod_kraju: "PL".to_owned(),
                        ..Adres::default()
                    },
                });
            }
        }
        if n % 2 == 0 {
            let (imie, nazwisko) = dice.pick(&PERSONS);
            kontrahent.kontakty.push(Kontakt {
                id: first,
                imie: imie.to_owned(),
                nazwisko: nazwisko.to_owned(),
                email: format!("biuro{}@example.com", n + 1),
                telefon: format!("+48 42 {:07}", dice.below(10_000_000)),
            });
        }
        let (imie, nazwisko) = dice.pick(&PERSONS);
        kontrahent.opiekun = (n % 4 != 2).then(|| format!("{imie} {nazwisko}"));
        kontrahent.grupa_cenowa =
            if kontrahent.rabat.is_zero() { PRICE_GROUPS[0] } else { PRICE_GROUPS[1] }.to_owned();
        kontrahent.segment = dice.pick(&["A", "B", "C"]).to_owned();
        kontrahent.forma_platnosci =
            if kontrahent.termin_dni == 0 { "Gotówka" } else { "Przelew" }.to_owned();
        let limit = Decimal::from(5_000 * (dice.below(10) + 1));
        kontrahent.limit = (n % 4 != 3).then_some(Number(limit));
        kontrahent.zaznaczony = true;
        kontrahent.wersja = 1;
        kontrahent.zmieniono = Instant::of_import(n);
    }
}

/// A tax number with its check digit.
fn nip(dice: &mut Dice) -> String {
    const WEIGHTS: [u64; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    loop {
        let digits: Vec<u64> = WEIGHTS.iter().map(|_| dice.below(9) + 1).collect();
        let check = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u64>() % 11;
        if check < 10 {
            return digits.iter().chain([&check]).map(ToString::to_string).collect();
        }
    }
}
