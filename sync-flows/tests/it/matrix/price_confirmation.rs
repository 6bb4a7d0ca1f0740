//! The price at the moment of confirmation: E15, on a portal of one's own.

mod e15 {
    use api_transport::simulation::Fault;
    use rust_decimal::Decimal;
    use soneta_webapi::KontrahentId;
    use soneta_webapi::wire::Quantity;
    use sync_core::guard::confirmation::{Confirmation, ConfirmationRule};
    use sync_core::{Result, SystemClock};
    use sync_flows::flows::price_confirmation::{BasketLine, LineConfirmation, confirm_prices};

    use crate::goods::change_card;
    use crate::price_world::{asked, plain_good};
    use crate::world::World;

    const BUYER: i32 = 2;

    struct Basket {
        world: World,
        lines: Vec<BasketLine>,
    }

    impl Basket {
        /// Three goods, at the prices that the buyer was shown.
        async fn begin() -> Self {
            let world = World::of_goods(30).await;
            let mut lines = Vec::new();
            for nth in 0..3 {
                let kod = plain_good(&world, nth).await;
                let cena = asked(&world, BUYER).await.into_iter().find(|cena| cena.kod == kod).unwrap();
                let ilosc = Quantity::new(Decimal::TWO, cena.jednostka.clone());
                let netto = cena.cena_przy(Decimal::TWO).0.value;
                lines.push(BasketLine::builder().towar(kod.as_str()).ilosc(ilosc).netto(netto).build());
            }
            Self { world, lines }
        }

        async fn confirm(&self) -> Result<Vec<LineConfirmation>> {
            let (ceny, rule) = (self.world.erp.b2b().ceny(), ConfirmationRule::default());
            confirm_prices(&ceny, &SystemClock, &rule, KontrahentId(BUYER), &self.lines).await
        }

        fn kod(&self, line: usize) -> &str {
            self.lines.get(line).and_then(|line| line.towar.kod()).unwrap()
        }
    }

    #[tokio::test]
    async fn first_run_confirms_every_line_by_a_fresh_price() {
        let basket = Basket::begin().await;
        let told = basket.confirm().await.unwrap();
        assert_eq!(told.len(), 3);
        for (line, told) in basket.lines.iter().zip(&told) {
            let value = (line.netto * Decimal::TWO).round_dp(2);
            assert!(told.holds());
            assert!(matches!(told.confirmation, Confirmation::Same { value: same, .. } if same == value));
            assert_eq!(told.wycena.as_ref().map(|wycena| wycena.wartosc_netto.value), Some(value));
        }
    }

    #[tokio::test]
    async fn no_change_sends_nothing() {
        let basket = Basket::begin().await;
        let (before, calls) = (basket.confirm().await.unwrap(), basket.world.enova.faults().calls("/Wycen"));
        let again = basket.confirm().await.unwrap();
        assert!(again.iter().all(LineConfirmation::holds));
        assert_eq!(before.len(), again.len());
        assert_eq!(basket.world.enova.faults().calls("/Wycen"), calls + 1, "it is asked anew each time");
        assert_eq!(basket.world.enova.orders().len(), 0);
    }

    #[tokio::test]
    async fn one_change_shows_on_its_line_cheaper_and_dearer_told_apart() {
        let basket = Basket::begin().await;
        basket.world.enova.set_price(basket.kod(0), Decimal::from(4_711)).unwrap();
        basket.world.enova.set_price(basket.kod(1), Decimal::new(1, 2)).unwrap();
        let told: Vec<Confirmation> =
            basket.confirm().await.unwrap().into_iter().map(|told| told.confirmation).collect();
        assert!(matches!(told[0], Confirmation::Dearer { confirmed, current, .. } if confirmed < current));
        assert!(matches!(told[1], Confirmation::Cheaper { confirmed, current, .. } if current < confirmed));
        assert!(matches!(told[2], Confirmation::Same { .. }));
    }

    #[tokio::test]
    async fn what_is_removed_is_unavailable_and_the_others_are_priced() {
        let basket = Basket::begin().await;
        let goods = basket.world.enova.goods();
        let good = goods.iter().find(|good| good.kod == basket.kod(1)).unwrap().id;
        change_card(&basket.world, good, |card| card.kod = "WYCOFANY".to_owned()).await;
        let told = basket.confirm().await.unwrap();
        assert_eq!(told[1].confirmation, Confirmation::Unavailable);
        assert!(told[1].wycena.is_none());
        assert!(told[0].holds() && told[2].holds());
    }

    #[tokio::test]
    async fn a_bad_record_confirms_nothing_until_it_is_cured() {
        let basket = Basket::begin().await;
        let kod = basket.kod(1);
        let fault = Fault::on("B2BCeny/Wycen")
            .rewrite(format!("\"Kod\":\"{kod}\",\"Netto\":"), format!("\"Kod\":\"{kod}\",\"Nett\":"));
        basket.world.enova.faults().add(fault.always());
        assert!(
            basket.confirm().await.is_err(),
            "a line without a price must not look like one with a price"
        );
        basket.world.enova.faults().clear();
        assert!(basket.confirm().await.unwrap().iter().all(LineConfirmation::holds));
    }

    #[tokio::test]
    async fn a_lost_answer_is_asked_for_again() {
        let basket = Basket::begin().await;
        basket.world.enova.faults().add(Fault::on("B2BCeny/Wycen").drop_after());
        assert!(basket.confirm().await.unwrap().iter().all(LineConfirmation::holds));
        assert_eq!(basket.world.enova.faults().calls("/Wycen"), 2);
        // where the client's second attempt is lost as well nothing is confirmed
        basket.world.enova.faults().add(Fault::on("B2BCeny/Wycen").drop_after().times(2));
        assert!(basket.confirm().await.is_err());
        assert!(basket.confirm().await.unwrap().iter().all(LineConfirmation::holds));
    }

    #[tokio::test]
    async fn a_restart_asks_anew_and_has_left_nothing_behind() {
        let basket = Basket::begin().await;
        let hold = basket.world.enova.faults().add(Fault::on("B2BCeny/Wycen").hold_after());
        tokio::select! {
            ended = basket.confirm() => panic!("{ended:?}"),
            () = hold.held() => {}
        }
        hold.open();
        assert!(basket.confirm().await.unwrap().iter().all(LineConfirmation::holds));
        assert_eq!(basket.world.enova.faults().calls("/Wycen"), 2);
        assert_eq!(basket.world.enova.orders().len(), 0);
    }

    #[tokio::test]
    async fn an_unknown_buyer_confirms_nothing() {
        let basket = Basket::begin().await;
        let (ceny, rule) = (basket.world.erp.b2b().ceny(), ConfirmationRule::default());
        let told = confirm_prices(&ceny, &SystemClock, &rule, KontrahentId(9_999), &basket.lines).await;
        assert!(told.is_err());
    }
}
