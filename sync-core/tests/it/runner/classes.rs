//! Classes keep places for what is urgent.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use sync_core::{
    Class, Counts, Job, JobPlan, Result, RunContext, Runner, RunnerSettings, Schedule, StepEnd, Tally,
};

use super::probe::{Bench, Does, MINUTE, every, facts_of, settle};

#[tokio::test]
async fn orders_and_stock_are_carried_out_while_catalogue_waves_are_under_way() {
    let mut bench = Bench::new();
    let waves: Vec<_> =
        (0..3).map(|n| bench.add(&format!("demo/wave-{n}"), every(60, Class::Bulk), Does::Hang)).collect();
    let stock = bench.add("demo/stock", every(2, Class::Stock), Does::End);
    let orders = bench.add("demo/orders", every(1, Class::Orders), Does::End);
    let mut runner = bench.runner();
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    for _ in 0..60 {
        assert!(settle(&mut endless).await.is_none());
        bench.clock.advance(MINUTE);
    }
    assert_eq!(waves.iter().map(|wave| wave.steps()).collect::<Vec<_>>(), [1, 0, 0]);
    assert_eq!((orders.steps(), stock.steps()), (60, 30));
    // what waits for a place is seen
    assert!(facts_of(&handle, "demo/wave-1").waiting_since.is_some());
    assert!(facts_of(&handle, "demo/wave-0").running_since.is_some());
}

#[tokio::test]
async fn no_more_steps_of_a_class_run_than_it_has_places() {
    let mut bench = Bench::new();
    let jobs: Vec<_> = (0..7)
        .map(|n| bench.add(&format!("demo/{n}"), every(10, Class::Regular), Does::Wait(StepEnd::End)))
        .collect();
    let mut runner = bench.runner().with_settings(RunnerSettings::default().cap(Class::Regular, 3));
    let run = bench.run();
    let mut endless = Box::pin(runner.run(&run));
    for done in 0..7 {
        assert!(settle(&mut endless).await.is_none());
        let running = jobs.iter().filter(|job| job.is_running()).count();
        assert_eq!(running, 3.min(7 - done));
        jobs.iter().find(|job| job.is_running()).unwrap().let_go(1);
    }
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(bench.log.most_running.load(Ordering::SeqCst), 3);
    assert!(jobs.iter().all(|job| job.steps() == 1));
}

#[tokio::test]
async fn jobs_of_one_class_that_have_more_to_do_take_turns() {
    let mut bench = Bench::new();
    for name in ["demo/a", "demo/b"] {
        bench.add(name, every(60, Class::Bulk), Does::End).script([Does::More, Does::More]);
    }
    bench.runner().run_due(&bench.run()).await;
    assert_eq!(bench.steps(), ["demo/a", "demo/b", "demo/a", "demo/b", "demo/a", "demo/b"]);
    assert_eq!(bench.told(), ["run-1 demo/a done", "run-2 demo/b done"]);
}

#[tokio::test]
async fn two_jobs_of_one_name_are_refused() {
    let plan = every(1, Class::Regular);
    let mut bench = Bench::new();
    let job: Arc<dyn Job> = bench.add("demo/a", plan.clone(), Does::End);
    let refused = Runner::new([(job.clone(), plan.clone()), (job, plan)]);
    assert_eq!(refused.unwrap_err().kind(), sync_core::ErrorKind::Config);
}

/// A mapping that computes for long: it holds its thread until an order was carried out.
#[derive(Debug)]
struct Heavy {
    began: tokio::sync::Notify,
    order: Mutex<std::sync::mpsc::Receiver<()>>,
}

#[async_trait::async_trait]
impl Job for Heavy {
    fn name(&self) -> &str {
        "demo/heavy"
    }

    async fn step(&self, run: &RunContext) -> Result<Tally> {
        self.began.notify_one();
        self.order.lock().unwrap().recv().unwrap();
        run.stop.cancel();
        Ok(Tally::new(Counts::default(), StepEnd::End))
    }
}

#[derive(Debug)]
struct Order(std::sync::mpsc::Sender<()>);

#[async_trait::async_trait]
impl Job for Order {
    fn name(&self) -> &str {
        "demo/order"
    }

    async fn step(&self, _: &RunContext) -> Result<Tally> {
        self.0.send(()).unwrap();
        Ok(Tally::new(Counts::default(), StepEnd::End))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_carried_out_while_a_step_of_another_job_holds_its_thread() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let heavy = Arc::new(Heavy { began: tokio::sync::Notify::new(), order: Mutex::new(receiver) });
    let manual = |class| JobPlan::new(Schedule::manual(), class);
    let jobs: [(Arc<dyn Job>, JobPlan); 2] =
        [(heavy.clone(), manual(Class::Bulk)), (Arc::new(Order(sender)), manual(Class::Orders))];
    let mut runner = Runner::new(jobs).unwrap();
    let handle = runner.handle();
    let run = RunContext::default();
    let hints = async {
        handle.wake("demo/heavy").unwrap();
        heavy.began.notified().await;
        handle.wake("demo/order").unwrap();
    };
    let (report, ()) = futures::join!(runner.run(&run), hints);
    assert_eq!(report.jobs.iter().map(|job| job.done).collect::<Vec<_>>(), [1, 1]);
}
