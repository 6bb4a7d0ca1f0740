//! F21 to F28: what is missing, and what may be taken away.

use std::time::Duration;

use sync_core::{
    Brake, BrakeLimit, ErrorKind, FlowSettings, Inconclusive, Reason, RejectFilter, SourceKind, StepEnd,
};

use super::{BAD, Bench, Shop, UNTICKED};
use crate::world::{finish, holding};

const DAY: Duration = Duration::from_secs(86_400);

fn feed() -> Bench {
    Bench::new(Shop::new(SourceKind::Token)).settings(|settings| settings.full_pass(DAY))
}

#[tokio::test]
async fn f21_what_vanishes_without_a_word_is_found_by_full_passes_alone() {
    let bench = feed();
    bench.shop.stock(3, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 3);
    for left in [3, 2] {
        bench.clock.advance(DAY);
        bench.cycle().await;
        assert_eq!(bench.sink.records().len(), left);
    }
}

#[tokio::test]
async fn f22_an_empty_source_is_incomplete_and_takes_nothing_away() {
    let bench = Bench::snapshot();
    bench.shop.stock(5, 5);
    bench.cycle().await;
    let before = bench.part().await;
    bench.shop.vanish(5);
    bench.clock.advance(DAY);
    for _ in 0..3 {
        assert_eq!(bench.failure().await, ErrorKind::Incomplete);
    }
    let after = bench.part().await;
    assert_eq!((after.inconclusive, after.last_ok_at), (Some(Inconclusive::Empty), before.last_ok_at));
    assert_eq!(bench.sink.records().len(), 5);
    // where it is said that this may be, it is believed
    let bench = bench.settings(|settings| settings.allow_empty());
    bench.cycle().await;
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[]));
}

#[tokio::test]
async fn f22_a_source_that_is_empty_from_the_beginning_is_in_step() {
    let bench = Bench::snapshot();
    assert_eq!(bench.cycle().await, [0; 5]);
    assert!(bench.part().await.last_ok_at.is_some());
}

#[tokio::test]
async fn f22_a_pass_that_fails_half_way_takes_nothing_away_and_goes_on() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(2)).settings(|settings| settings.batch(2));
    bench.shop.stock(6, 5);
    bench.cycle().await;
    bench.shop.fail("read_all", ErrorKind::Transient);
    assert_eq!(bench.failure().await, ErrorKind::Transient);
    assert_eq!(bench.sink.records().len(), 6);
    bench.shop.mend();
    assert_eq!(bench.cycle().await, [6, 0, 6, 0, 0]);
}

#[tokio::test]
async fn f23_a_record_that_is_absent_is_never_written_as_zero() {
    let bench = Bench::snapshot();
    bench.shop.stock(3, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    for _ in 0..2 {
        bench.cycle().await;
        assert!(bench.holds().values().all(|value| *value == 5), "{:?}", bench.holds());
    }
    assert_eq!(bench.holds(), holding(&[("k001", 5), ("k002", 5)]));
}

#[tokio::test]
async fn f24_a_value_that_does_not_decode_changes_nothing_in_the_target() {
    let bench = Bench::snapshot();
    bench.shop.stock(2, 5);
    bench.cycle().await;
    bench.shop.quietly_put("k000", BAD);
    for _ in 0..3 {
        assert_eq!(bench.cycle().await, [2, 0, 1, 0, 1]);
    }
    assert_eq!(bench.holds(), holding(&[("k000", 5), ("k001", 5)]));
}

#[tokio::test]
async fn f25_a_record_is_removed_when_it_is_missing_in_two_passes_in_a_row() {
    let bench = Bench::snapshot();
    bench.shop.stock(3, 5);
    bench.cycle().await;
    // missing, back again, missing twice
    for (present, left) in [(false, 3), (true, 3), (false, 3), (false, 2)] {
        if present {
            bench.shop.quietly_put("k000", 5);
        } else {
            bench.shop.state().goods.remove("k000");
        }
        bench.cycle().await;
        assert_eq!(bench.sink.records().len(), left);
    }
    assert_eq!(bench.part().await.active, 2);
}

#[tokio::test]
async fn f25_where_the_source_looks_up_only_what_is_gone_there_is_removed_and_at_once() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(3, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    assert_eq!(bench.cycle().await, [3, 1, 2, 0, 0]);
    assert_eq!(bench.holds(), holding(&[("k001", 5), ("k002", 5)]));
}

#[tokio::test]
async fn f25_a_record_that_slipped_through_between_two_pages_stays() {
    let shop = Shop::new(SourceKind::Snapshot).page(2).info(|info| info.shifting()).fetches();
    let bench = Bench::new(shop).settings(|settings| settings.batch(2).page_budget(1));
    bench.shop.stock(6, 5);
    bench.cycle().await;
    bench.step().await.unwrap();
    // k002 moves onto the page that was already read
    bench.shop.vanish(1);
    bench.shop.quietly_put("k002", 6);
    bench.cycle().await;
    assert_eq!(bench.holds()["k002"], 6);
    bench.cycle().await;
    let expected = [("k001", 5), ("k002", 6), ("k003", 5), ("k004", 5), ("k005", 5)];
    assert_eq!(bench.holds(), holding(&expected));
}

#[tokio::test]
async fn f25_a_list_whose_records_slip_removes_nothing_without_a_look_up() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).info(|info| info.shifting()));
    bench.shop.stock(3, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    for _ in 0..4 {
        bench.cycle().await;
    }
    assert_eq!(bench.sink.records().len(), 3);
}

#[tokio::test]
async fn f26_a_cap_that_is_hit_is_incomplete_and_never_a_success() {
    let bench = Bench::snapshot();
    bench.shop.stock(4, 5);
    bench.cycle().await;
    let before = bench.part().await.last_ok_at;
    bench.clock.advance(DAY);
    bench.shop.put("k000", 6);
    bench.shop.state().cap = Some(2);
    for _ in 0..3 {
        assert_eq!(bench.failure().await, ErrorKind::Incomplete);
    }
    let part = bench.part().await;
    assert_eq!((part.inconclusive, part.last_ok_at), (Some(Inconclusive::CutShort), before));
    // what could be read is there, and nothing is gone
    assert_eq!(bench.holds(), holding(&[("k000", 6), ("k001", 5), ("k002", 5), ("k003", 5)]));
}

#[tokio::test]
async fn f26_a_pass_that_counts_another_number_than_declared_concludes_nothing() {
    for totals in [vec![3, 3], vec![2, 3], vec![1, 2]] {
        let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(1).fetches());
        bench.shop.stock(3, 5);
        bench.cycle().await;
        bench.shop.vanish(1);
        // both pages of one commit
        bench.shop.state().totals = totals.clone().into();
        bench.cycle().await;
        assert_eq!(bench.part().await.inconclusive, Some(Inconclusive::OtherTotal), "{totals:?}");
        assert_eq!(bench.sink.records().len(), 3);
        bench.shop.state().totals = vec![2, 2].into();
        bench.cycle().await;
        assert_eq!((bench.part().await.inconclusive, bench.sink.records().len()), (None, 2));
    }
}

#[tokio::test]
async fn f26_a_bad_record_without_a_key_may_be_any_so_nothing_is_missing() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(3, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    bench.shop.state().unkeyed = 1;
    bench.cycle().await;
    assert_eq!(bench.part().await.inconclusive, Some(Inconclusive::Unkeyed));
    assert_eq!(bench.sink.records().len(), 3);
}

#[tokio::test]
async fn a_reject_without_a_key_is_cleared_by_a_full_pass_that_met_no_such_record_and_by_nothing_less() {
    for (kind, settings) in [
        (SourceKind::Snapshot, FlowSettings::default()),
        (SourceKind::Token, FlowSettings::default().full_pass(DAY)),
    ] {
        let bench = Bench::new(Shop::new(kind).page(10)).settings(|_| settings.batch(10));
        bench.shop.stock(5, 5);
        bench.cycle().await;
        bench.shop.state().unkeyed = 2;
        bench.shop.put("k001", BAD);
        bench.clock.advance(DAY);
        bench.cycle().await;
        let codes = async || bench.rejects().await.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        let found = codes().await;
        assert_eq!((found.len(), found[0].as_str()), (3, "k001"), "{kind:?}");

        // one of them is still there
        bench.shop.state().unkeyed = 1;
        bench.clock.advance(DAY);
        bench.cycle().await;
        assert_eq!(codes().await, found);
        // what was cut short did not read everything
        bench.shop.state().unkeyed = 0;
        bench.shop.state().cap = Some(3);
        bench.clock.advance(DAY);
        assert_eq!(bench.failure().await, ErrorKind::Incomplete);
        assert_eq!(codes().await, found);
        bench.shop.state().cap = None;
        bench.cycle().await;
        assert_eq!(codes().await, ["k001"], "{kind:?}");
    }
}

#[tokio::test]
async fn f28_nothing_is_taken_away_before_the_end_of_the_pass() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).page(2).fetches())
        .settings(|settings| settings.batch(2).page_budget(1));
    bench.shop.stock(7, 5);
    bench.cycle().await;
    bench.shop.vanish(1);
    for _ in 0..3 {
        assert_eq!(bench.step().await.unwrap().end, StepEnd::More);
        assert_eq!(bench.sink.records().len(), 7);
    }
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 6);
}

#[tokio::test]
async fn the_brake_holds_the_destructive_half_and_the_rest_goes_on() {
    let bench = Bench::snapshot();
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.shop.put("k050", 6);
    bench.shop.put("new", 1);
    for _ in 0..3 {
        bench.cycle().await;
    }
    assert_eq!(bench.sink.records().len(), 101);
    assert_eq!((bench.holds()["k050"], bench.holds()["new"]), (6, 1));
    let held = bench.held().await.unwrap();
    assert_eq!((held.removals, held.emptyings, held.rejects), (30, 0, 0));
    // as long as something is held nothing at all is taken away, be it within the limit
    bench.shop.quietly_put("k099", UNTICKED);
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 101);
    assert_eq!(bench.rejects().await, [("k099".to_owned(), Reason::HELD_REMOVAL.to_owned())]);
    assert_eq!(bench.held().await.unwrap().removals, 31);
}

#[tokio::test]
async fn what_is_held_keeps_its_token_and_goes_once_it_is_approved() {
    let bench = Bench::snapshot();
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.cycle().await;
    bench.cycle().await;
    let held = bench.held().await.unwrap();
    bench.clock.advance(DAY);
    bench.cycle().await;
    assert_eq!(bench.held().await, Some(held));
    bench.approve().await;
    bench.cycle().await;
    assert_eq!((bench.sink.records().len(), bench.held().await), (70, None));
    // once and no more
    bench.shop.vanish(30);
    bench.cycle().await;
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 70);
    assert_eq!(bench.held().await.unwrap().removals, 30);
}

#[tokio::test]
async fn an_approval_does_not_cover_what_was_not_held_when_it_was_given() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.cycle().await;
    let before = bench.held().await.unwrap();
    bench.approve().await;
    // more than the limit and the approval together
    bench.shop.vanish(30);
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 100);
    let now = bench.held().await.unwrap();
    assert_eq!(now.removals, 60);
    let error = bench.flow().approve(&before.token, "anna", "late").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    bench.cycle().await;
    assert_eq!((bench.sink.records().len(), bench.held().await), (100, Some(now)));
}

#[tokio::test]
async fn an_approval_whose_matter_changed_before_it_was_used_does_nothing() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.cycle().await;
    let stale = sync_core::Approval::new("00000000", "anna", "another matter");
    bench.store.approve(&sync_core::Part::whole(&crate::world::name()), &stale).await.unwrap();
    bench.cycle().await;
    assert_eq!((bench.sink.records().len(), bench.held().await.unwrap().removals), (100, 30));
}

#[tokio::test]
async fn what_comes_back_is_no_longer_held() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.cycle().await;
    assert!(bench.held().await.is_some());
    bench.shop.stock(100, 5);
    bench.cycle().await;
    assert_eq!((bench.held().await, bench.sink.records().len()), (None, 100));
}

#[tokio::test]
async fn a_pass_that_concludes_nothing_leaves_what_is_held_and_its_approval_as_they_are() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.vanish(30);
    bench.cycle().await;
    let held = bench.held().await;
    bench.approve().await;
    bench.shop.state().totals = vec![71].into();
    bench.cycle().await;
    assert_eq!((bench.held().await, bench.sink.records().len()), (held, 100));
    bench.cycle().await;
    assert_eq!((bench.held().await, bench.sink.records().len()), (None, 70));
}

#[tokio::test]
async fn many_emptyings_are_held_and_go_once_they_are_approved() {
    let bench = Bench::snapshot();
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.stock(31, 0);
    bench.shop.put("k099", 9);
    bench.cycle().await;
    let held = bench.held().await.unwrap();
    assert_eq!((held.removals, held.emptyings), (0, 31));
    let zeros = || bench.holds().values().filter(|value| **value == 0).count();
    assert_eq!((zeros(), bench.holds()["k099"]), (0, 9));
    bench.approve().await;
    bench.cycle().await;
    assert_eq!((zeros(), bench.held().await), (31, None));
    assert_eq!(bench.rejects().await, []);
}

#[tokio::test]
async fn approved_emptyings_of_a_feed_without_look_up_and_list_go_as_their_records_come_again() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.fail("read_all", ErrorKind::Unsupported);
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.stock(40, 0);
    bench.cycle().await;
    assert_eq!(bench.held().await.unwrap().emptyings, 40);
    bench.approve().await;
    let flow = bench.flow();
    let zeros = || bench.holds().values().filter(|value| **value == 0).count();
    for gone in [0, 0, 1, 2, 40] {
        for n in 0..gone {
            bench.shop.put(format!("k{n:03}"), 0);
        }
        finish(&flow).await;
        assert_eq!(zeros(), gone);
    }
    assert_eq!((bench.held().await, bench.rejects().await), (None, vec![]));
    // the approval is used up
    for n in 40..90 {
        bench.shop.put(format!("k{n:03}"), 0);
    }
    finish(&flow).await;
    assert_eq!((zeros(), bench.held().await.unwrap().emptyings), (40, 50));
}

#[tokio::test]
async fn a_full_pass_of_a_source_that_cannot_list_everything_is_a_fault_of_the_settings() {
    let bench = Bench::new(Shop::new(SourceKind::Token)).settings(|settings| settings.full_pass(DAY));
    bench.shop.fail("read_all", ErrorKind::Unsupported);
    bench.shop.stock(3, 5);
    for _ in 0..2 {
        assert_eq!(bench.failure().await, ErrorKind::Config);
    }
    // changes come through meanwhile
    assert_eq!(bench.sink.records().len(), 3);
}

#[tokio::test]
async fn an_approval_goes_through_though_the_flow_has_as_many_rejects_as_it_may_have() {
    let bench = Bench::snapshot().settings(|settings| settings.most_rejects(31));
    bench.shop.stock(100, 5);
    bench.cycle().await;
    bench.shop.stock(31, 0);
    bench.cycle().await;
    assert_eq!(bench.failure().await, ErrorKind::SystemicFailure);
    bench.approve().await;
    bench.cycle().await;
    assert_eq!((bench.held().await, bench.rejects().await), (None, vec![]));
}

#[tokio::test]
async fn a_feed_that_deletes_too_much_is_held_and_released_by_an_approval() {
    let bench = Bench::new(Shop::new(SourceKind::Token).page(10)).settings(|settings| settings.batch(10));
    bench.shop.stock(100, 5);
    bench.cycle().await;
    for n in 0..40 {
        bench.shop.delete(&format!("k{n:03}"));
    }
    assert_eq!(bench.cycle().await, [40, 20, 0, 0, 20]);
    assert_eq!((bench.sink.records().len(), bench.held().await.unwrap().removals), (80, 20));
    bench.cycle().await;
    assert_eq!(bench.sink.records().len(), 80);
    bench.approve().await;
    assert_eq!(bench.cycle().await, [20, 20, 0, 0, 0]);
    assert_eq!((bench.sink.records().len(), bench.held().await, bench.rejects().await.len()), (60, None, 0));
}

#[tokio::test]
async fn an_approval_within_a_cycle_that_holds_more_comes_to_an_end() {
    let bench = Bench::new(Shop::new(SourceKind::Token).page(30))
        .settings(|settings| settings.batch(30).page_budget(1));
    bench.shop.stock(100, 5);
    bench.cycle().await;
    for n in 0..30 {
        bench.shop.delete(&format!("k{n:03}"));
    }
    bench.cycle().await;
    // a cycle of three pages; the first holds more, and then what was held before is approved
    for n in 30..35 {
        bench.shop.delete(&format!("k{n:03}"));
    }
    for n in 0..60 {
        bench.shop.put(format!("n{n:03}"), 1);
    }
    assert_eq!(bench.step().await.unwrap().end, StepEnd::More);
    bench.approve().await;
    for _ in 0..6 {
        if bench.step().await.unwrap().end == StepEnd::End {
            break;
        }
    }
    assert_eq!((bench.sink.records().len(), bench.held().await), (125, None));
}

#[tokio::test]
async fn what_a_cycle_held_that_was_cut_short_can_still_be_approved() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.stock(100, 5);
    bench.cycle().await;
    for n in 0..31 {
        bench.shop.put(format!("k{n:03}"), UNTICKED);
    }
    bench.shop.put("k030", 6);
    bench.shop.state().cap = Some(30);
    assert_eq!(bench.failure().await, ErrorKind::Incomplete);
    bench.shop.state().cap = None;
    bench.cycle().await;
    assert_eq!(bench.held().await.unwrap().removals, 30);
    bench.approve().await;
    bench.cycle().await;
    assert_eq!((bench.sink.records().len(), bench.held().await), (70, None));
}

#[tokio::test]
async fn what_replays_take_away_counts_in_its_own_cycle_alone() {
    let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
    bench.shop.stock(30, 5);
    bench.cycle().await;
    for left in (5..30).rev() {
        let key = bench.holds().into_keys().next().unwrap();
        bench.shop.quietly_put(&key, -1);
        bench.cycle().await;
        bench.shop.vanish(1);
        bench.store.replay_rejects(&RejectFilter::all()).await.unwrap();
        bench.cycle().await;
        assert_eq!((bench.sink.records().len(), bench.rejects().await.len()), (left, 0));
    }
}

#[tokio::test]
async fn a_brake_that_is_off_holds_nothing_and_one_of_a_flow_is_its_own() {
    for (brake, left) in [(Brake::off(), 50), (Brake::default().removals(BrakeLimit::new(0, 49)), 100)] {
        let bench = Bench::new(Shop::new(SourceKind::Snapshot).fetches());
        bench.shop.stock(100, 5);
        bench.cycle().await;
        bench.shop.vanish(50);
        let bench = bench.settings(|settings| settings.brake(brake));
        bench.cycle().await;
        assert_eq!(bench.sink.records().len(), left);
    }
}
