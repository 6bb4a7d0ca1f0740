//! The same by POST: each warehouse is sent at most once, through the outbox.

/// The row by hand, since an act is not sent again.
mod o2_post {
    use api_transport::simulation::Fault;
    use std::time::Duration;
    use sync_core::{ActFilter, ActState, Created, DispatchSettings, Job, Reason, Verdict};
    use sync_flows::Jobs;

    use crate::matrix::warehouses::{jobs, named, second_row, settings, shown, world};
    use crate::world::{World, run_to_end};

    async fn run(world: &World, label: &str) {
        let Jobs { flow, dispatcher, .. } = jobs(world, settings(label));
        run_to_end(&flow).await;
        flow.leave().await;
        let at_once = DispatchSettings::default().visibility_lag(Duration::ZERO);
        run_to_end(&dispatcher.unwrap().with_settings(at_once)).await;
    }

    fn all() -> crate::matrix::Shown {
        named(&[("WRO", "Magazyn W", ""), ("WRO-F", "Magazyn F", ""), ("WRO-S", "Magazyn S", "sklep")])
    }

    fn posts(world: &World) -> u64 {
        world.sim.faults().calls("/warehouses")
    }

    #[tokio::test]
    async fn first_run_brings_everything_there() {
        let world = world("POST").await;
        run(&world, "sklep").await;
        assert_eq!((shown(&world), posts(&world)), (all(), 3));
        assert_eq!(world.rejects().await, []);
    }

    #[tokio::test]
    async fn no_change_sends_nothing() {
        let world = world("POST").await;
        run(&world, "sklep").await;
        run(&world, "sklep").await;
        assert_eq!(posts(&world), 3);
    }

    #[tokio::test]
    async fn a_change_after_the_import_is_told_to_a_person_and_not_sent() {
        let world = world("POST").await;
        run(&world, "sklep").await;
        run(&world, "sklep firmowy").await;
        assert_eq!((shown(&world), posts(&world)), (all(), 3));
        let rejects = world.rejects().await;
        let told: Vec<_> = rejects.iter().map(|reject| reject.reason.code()).collect();
        assert_eq!(told, [Reason::CHANGED_AFTER_TRANSFER]);
    }

    /// One that leaves the settings; what leaves the ERP's dictionary takes no act back, as nothing that is missing does.
    #[tokio::test]
    async fn what_is_removed_is_told_to_a_person() {
        let world = world("POST").await;
        run(&world, "sklep").await;
        let mut fewer = settings("sklep");
        fewer.warehouses.remove("S");
        for _ in 0..2 {
            let Jobs { flow, dispatcher, .. } = jobs(&world, fewer.clone());
            run_to_end(&flow).await;
            flow.leave().await;
            run_to_end(&dispatcher.unwrap()).await;
        }
        assert_eq!((shown(&world), posts(&world)), (all(), 3));
        let rejects = world.rejects().await;
        let told: Vec<_> = rejects.iter().map(|reject| (reject.key.as_str(), reject.reason.code())).collect();
        assert_eq!(told, [("2", Reason::WITHDRAWN_AFTER_TRANSFER)]);
    }

    #[tokio::test]
    async fn a_bad_record_stops_only_itself() {
        let world = world("POST").await;
        second_row(&world, r#",{"ID":2,"Symbol":7,"Nazwa":"Magazyn S"}"#);
        run(&world, "sklep").await;
        assert_eq!(shown(&world).into_keys().collect::<Vec<_>>(), ["WRO", "WRO-F"]);
        assert_eq!(world.rejects().await.len(), 1);
        world.enova.faults().clear();
        run(&world, "sklep").await;
        assert_eq!((shown(&world), world.rejects().await), (all(), vec![]));
    }

    /// It is not sent again, since nobody can look it up: a person says that it is there. What waits for it goes on then.
    #[tokio::test]
    async fn a_lost_answer_loses_and_doubles_nothing() {
        let world = world("POST").await;
        world.sim.faults().add(Fault::on("/warehouses").drop_after());
        run(&world, "sklep").await;
        run(&world, "sklep").await;
        let store = &world.setup.store;
        let unclear = store.acts(&ActFilter::all().states([ActState::Manual])).await.unwrap();
        assert_eq!(unclear.len(), 1);
        let there = Verdict::Happened(Created::new("seen in the back office"));
        store.resolve(&unclear[0].act.op_key, &there, "Anna", "it is there").await.unwrap();
        run(&world, "sklep").await;
        assert_eq!((shown(&world), posts(&world)), (all(), 3));
        assert_eq!(store.acts(&ActFilter::open()).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_restart_goes_on_where_it_was() {
        let world = world("POST").await;
        let Jobs { flow, .. } = jobs(&world, settings("sklep"));
        run_to_end(&flow).await;
        flow.leave().await;
        assert_eq!(posts(&world), 0);
        run(&world, "sklep").await;
        assert_eq!((shown(&world), posts(&world)), (all(), 3));
    }
}
