//! Long writes, split to the wire's limits: here, once.
//!
//! The vendor recommends at most 10,000 lines per request, split and queued. A chunk is sent when the
//! one before it was answered, so the order of the lines is kept; it never names one record twice,
//! so an earlier line cannot overtake a later one of the same record within a request.
//!
//! A chunk that the server refuses because of its content (4xx, which is taken to mean that nothing of it was
//! carried out) is halved until the lines at fault stand alone: one bad line costs itself, not its neighbours.
//! The search has a budget of requests per chunk; when it is used up, what was not told apart yet is refused
//! as a whole. A chunk that is too long, or has a line that cannot be spelled, is halved as well, which costs no
//! request. A 413 also makes the chunks after it smaller. A chunk that fails for any other reason ends the write,
//! since the next one would fail as well; [`BulkReport::resume_at`] says where to go on. So does a 404 about what
//! the path names, which is the answer to all lines that are left.

#[cfg(test)]
mod tests;

use crate::client::Client;
use api_transport::{Effect, Endpoint, Error, ErrorKind, Path, Priority, Result};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The most lines the vendor recommends in one request.
pub const MAX_LINES: usize = 10_000;

/// How many requests a chunk spends on finding lines at fault. Not the write: one bad line in each of a hundred chunks
/// would use up any budget, and then take the good lines of its chunk with it.
const SEARCH_REQUESTS: usize = 256;

/// What is said of lines that were refused together and not one by one.
const NOT_TOLD_APART: &str = "These lines were refused together, and the search for those at fault was given up: send them \
                              again by themselves.";

/// After so many refused lines and none accepted, nothing is searched any more.
const HOPELESS: usize = 16;

/// How a long write is split, watched and resumed.
///
/// ```
/// # use one_client::simulator::Simulator;
/// use one_client::pricing::RetailPrice;
/// use one_client::{BulkWrite, Decimal};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let simulator = Simulator::builder().start().await?;
/// # let one = simulator.client_builder().build()?;
/// let prices: Vec<_> = (0..12_000).map(|n| RetailPrice::new(format!("SKU-{n}"), Decimal::from(n))).collect();
/// let options = BulkWrite::builder()
///     .chunk_lines(2_000)
///     .progress(|so_far| println!("{} of {} accepted", so_far.accepted, so_far.total))
///     .build();
/// let report = one.retail_prices().save_with(&prices, &options).await;
/// for (lines, error) in report.failures() {
///     eprintln!("lines {lines:?}: {error}");
/// }
/// if let Some(lines) = report.in_doubt() {
///     // Only where a repeat could count twice (not of prices): to be looked up.
///     eprintln!("lines {lines:?} may have arrived");
/// }
/// if let Some(next) = report.resume_at() {
///     // Later, with the same lines:
///     let rest = BulkWrite::builder().resume_at(next).build();
///     let report = one.retail_prices().save_with(&prices, &rest).await;
///     # let _ = report;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, bon::Builder)]
#[non_exhaustive]
pub struct BulkWrite {
    /// Lines per request: 5,000 by default; 0 counts as 1, more than [`MAX_LINES`] as that.
    #[builder(default = 5_000)]
    pub chunk_lines: usize,
    /// Bytes of JSON per request: 1 MiB by default. The wire's own limit is unknown.
    #[builder(default = 1024 * 1024)]
    pub chunk_bytes: usize,
    /// The first line to send: 0, or what [`BulkReport::resume_at`] said.
    #[builder(default)]
    pub resume_at: usize,
    /// Called after each answer.
    #[builder(with = |watch: impl Fn(&BulkProgress) + Send + Sync + 'static| Arc::new(watch) as Watch)]
    progress: Option<Watch>,
}

type Watch = Arc<dyn Fn(&BulkProgress) + Send + Sync>;

impl BulkWrite {
    fn lines(&self) -> usize {
        self.chunk_lines.clamp(1, MAX_LINES)
    }
}

impl Default for BulkWrite {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for BulkWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkWrite")
            .field("chunk_lines", &self.chunk_lines)
            .field("chunk_bytes", &self.chunk_bytes)
            .field("resume_at", &self.resume_at)
            .finish_non_exhaustive()
    }
}

/// How far a long write is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct BulkProgress {
    /// Lines accepted so far.
    pub accepted: usize,
    /// Lines that failed so far.
    pub failed: usize,
    /// Lines there are, from where the write began: without those before [`BulkWrite::resume_at`].
    pub total: usize,
}

/// What became of a run of lines: accepted, or failed for this reason.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChunkOutcome {
    /// The lines, by their place in the whole input.
    pub lines: Range<usize>,
    /// `Ok` = the server answered 2xx. An error that says
    /// [`may_have_been_applied`](Error::may_have_been_applied) leaves these lines unclear. Sending them again clears
    /// them, unless they are [in doubt](BulkReport::in_doubt). If a request with many lines at fault makes the search
    /// for them too long, what was not told apart is refused together: an outcome of more than one line whose error
    /// advises to send them again by themselves.
    pub result: Result<()>,
}

/// What is known after a long write.
///
/// The outcomes' ranges ascend without gaps from where the write began. Lines after the last range
/// were not sent.
#[derive(Debug)]
#[must_use = "lines may have failed or not been sent"]
#[non_exhaustive]
pub struct BulkReport {
    /// One outcome per chunk; lines found at fault have one of their own.
    pub outcomes: Vec<ChunkOutcome>,
    /// Which lines of the input were to be sent.
    pub lines: Range<usize>,
    stop: Option<Stop>,
}

/// What ended a write before its last line.
#[derive(Debug)]
struct Stop {
    lines: Range<usize>,
    in_doubt: bool,
}

impl BulkReport {
    /// Where to go on with the same lines, each of which then arrives at least once; `None` when nothing is left.
    ///
    /// Lines refused for their content count as answered. A chunk that failed otherwise is sent again, unless
    /// it is [in doubt](Self::in_doubt): then the lines after it are next, so that nothing is counted twice.
    pub fn resume_at(&self) -> Option<usize> {
        let stop = self.stop.as_ref()?;
        let next = if stop.in_doubt { stop.lines.end } else { stop.lines.start };
        (next < self.lines.end).then_some(next)
    }

    /// Lines that may have arrived and that a second delivery could count twice: the write's
    /// [`Effect`] is `Create` and its answer got lost. They are not sent again; whether they arrived has to be
    /// looked up, and if they did not, the write is resumed where they begin.
    pub fn in_doubt(&self) -> Option<Range<usize>> {
        self.stop.as_ref().filter(|stop| stop.in_doubt).map(|stop| stop.lines.clone())
    }

    /// What became of one line; `None` if it was not sent.
    pub fn line(&self, index: usize) -> Option<&Result<()>> {
        let place = self.outcomes.partition_point(|outcome| outcome.lines.end <= index);
        self.outcomes
            .get(place)
            .filter(|outcome| outcome.lines.contains(&index))
            .map(|outcome| &outcome.result)
    }

    /// How many lines were accepted.
    pub fn accepted(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.result.is_ok()).map(|outcome| outcome.lines.len()).sum()
    }

    /// The runs of lines that failed, in order.
    pub fn failures(&self) -> impl Iterator<Item = (Range<usize>, &Error)> {
        self.outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.lines.clone(), outcome.result.as_ref().err()?)))
    }

    /// All or nothing: the first failure, for callers who need no more. Where to go on is lost with it: callers of
    /// many lines ask [`resume_at`](Self::resume_at) and [`failures`](Self::failures).
    ///
    /// # Errors
    ///
    /// The first line's that was not accepted.
    pub fn into_result(self) -> Result<()> {
        self.outcomes.into_iter().try_for_each(|outcome| outcome.result)
    }
}

/// Whether the server refused what a request says, rather than the request as such.
fn about_content(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Rejected | ErrorKind::NotFound | ErrorKind::Refused | ErrorKind::Invalid
    )
}

/// How a kind of long write goes over the wire.
pub(crate) struct BulkCall<'l, L, K, Check, Make> {
    /// The record a line is about.
    pub(crate) key: fn(&'l L) -> K,
    /// Whether a line may be sent at all; one that may not fails alone and unsent. It also ends its chunk, since a
    /// request is made of neighbours.
    pub(crate) check: Check,
    /// The request for some lines.
    pub(crate) endpoint: Make,
    /// What a 404 is about.
    pub(crate) not_found: NotFound<'l, L>,
}

/// What a 404 to a long write is about.
pub(crate) enum NotFound<'l, L> {
    /// What the path names: it answers all lines.
    ThePath,
    /// One line.
    ALine,
    /// Something that many lines may have in common, for example a client, and probably all of its lines.
    OneOf(fn(&'l L) -> &'l str),
}

/// For lines that may all be sent.
pub(crate) fn unchecked<L>(_line: &L) -> Result<()> {
    Ok(())
}

/// Sends `lines`, split.
pub(crate) async fn write<'l, L, K, E, Check, Make>(
    client: &Client,
    lines: &'l [L],
    options: &BulkWrite,
    call: BulkCall<'l, L, K, Check, Make>,
) -> BulkReport
where
    K: Ord,
    E: Endpoint,
    Check: Fn(&L) -> Result<()>,
    Make: Fn(&'l [L]) -> E,
{
    let start = options.resume_at.min(lines.len());
    let mut writer = Writer {
        client,
        lines,
        options,
        call,
        most: options.lines(),
        search: SEARCH_REQUESTS,
        found: 0,
        progress: BulkProgress { accepted: 0, failed: 0, total: lines.len() - start },
        outcomes: Vec::new(),
        stop: None,
    };
    let mut next = start;
    while let Some(line) = lines.get(next) {
        let end = match (writer.call.check)(line) {
            Ok(()) => next + writer.distinct(next),
            Err(error) => {
                writer.settle(next..next + 1, Err(error));
                next += 1;
                continue;
            }
        };
        if !writer.chunk(next..end).await {
            break;
        }
        next = end;
    }
    BulkReport { outcomes: writer.outcomes, lines: start..lines.len(), stop: writer.stop }
}

struct Writer<'a, 'l, L, K, Check, Make> {
    client: &'a Client,
    lines: &'l [L],
    options: &'a BulkWrite,
    call: BulkCall<'l, L, K, Check, Make>,
    /// How many lines a request may have, as far as the server has said.
    most: usize,
    /// Requests left for finding lines at fault in this chunk.
    search: usize,
    /// Lines the server was found to refuse.
    found: usize,
    progress: BulkProgress,
    outcomes: Vec<ChunkOutcome>,
    stop: Option<Stop>,
}

impl<'l, L, K, E, Check, Make> Writer<'_, 'l, L, K, Check, Make>
where
    K: Ord,
    E: Endpoint,
    Check: Fn(&L) -> Result<()>,
    Make: Fn(&'l [L]) -> E,
{
    /// How many lines from `start` on may share a request; at least the first.
    fn distinct(&self, start: usize) -> usize {
        let mut seen = BTreeSet::new();
        self.lines
            .iter()
            .skip(start)
            .take(self.most)
            .take_while(|line| (self.call.check)(line).is_ok() && seen.insert((self.call.key)(line)))
            .count()
    }

    /// Sends a chunk, in parts if need be, and says whether the write goes on.
    async fn chunk(&mut self, lines: Range<usize>) -> bool {
        self.search = SEARCH_REQUESTS;
        let mut open = vec![lines];
        // Of what was not found with one line alone, how often.
        let mut missing = BTreeMap::new();
        while let Some(lines) = open.pop() {
            if let Some(run) = self.first_run(&lines, |subject| missing.get(subject) >= Some(&2)) {
                if run.end < lines.end {
                    open.push(run.end..lines.end);
                }
                if run.start == lines.start {
                    let message = "not sent, since other lines of the same were not found";
                    self.settle(run, Err(Error::new(ErrorKind::NotFound, message)));
                } else {
                    open.extend([run.clone(), lines.start..run.start]);
                }
                continue;
            }
            if lines.len() > self.most {
                let middle = lines.start + self.most;
                open.push(middle..lines.end);
                open.push(lines.start..middle);
                continue;
            }
            let prepared = self.prepare(lines.clone());
            let sent_as = prepared.as_ref().ok().map(Endpoint::effect);
            let result = match prepared {
                Ok(call) => self.client.send(&call).await.map(drop),
                Err(error) => Err(error),
            };
            let Err(error) = result else {
                self.settle(lines, Ok(()));
                continue;
            };
            if !about_content(&error) {
                let in_doubt = sent_as == Some(Effect::Create) && error.may_have_been_applied();
                self.stop = Some(Stop { lines: lines.clone(), in_doubt });
                self.settle(lines, Err(error));
                return false;
            }
            let not_found = sent_as.is_some() && error.kind() == ErrorKind::NotFound;
            if not_found && matches!(self.call.not_found, NotFound::ThePath) {
                self.settle(lines.start..self.lines.len(), Err(error));
                return false;
            }
            let is_too_much = error.status() == Some(413);
            if lines.len() > 1 && (sent_as.is_none() || self.may_search()) {
                let mut middle = lines.start + lines.len().div_ceil(2);
                if is_too_much {
                    self.most = middle - lines.start;
                } else if let Some(edge) = self.edge(&lines) {
                    middle = edge;
                }
                open.push(middle..lines.end);
                open.push(lines.start..middle);
                self.search = self.search.saturating_sub(if sent_as.is_some() { 2 } else { 0 });
            } else {
                if is_too_much {
                    // Too much even alone: the number of lines was not at fault.
                    self.most = self.options.lines();
                }
                self.found += usize::from(sent_as.is_some());
                if lines.len() > 1 {
                    self.settle(lines, Err(error.with_advice(NOT_TOLD_APART)));
                    continue;
                }
                if let Some(subject) = self.subject(lines.start).filter(|_| not_found) {
                    *missing.entry(subject).or_insert(0_u8) += 1;
                }
                self.settle(lines, Err(error));
            }
        }
        true
    }

    /// What a line has in common with others, if a 404 can be about that.
    fn subject(&self, line: usize) -> Option<&'l str> {
        match self.call.not_found {
            NotFound::OneOf(subject) => self.lines.get(line).map(subject),
            _ => None,
        }
    }

    /// The first lines in a row that have one of these subjects.
    fn first_run(&self, lines: &Range<usize>, wanted: impl Fn(&str) -> bool) -> Option<Range<usize>> {
        let is_wanted = |line: &usize| self.subject(*line).is_some_and(&wanted);
        let start = lines.clone().find(is_wanted)?;
        let end = (start..lines.end).find(|line| !is_wanted(line)).unwrap_or(lines.end);
        Some(start..end)
    }

    /// Where the lines in the middle that have the same subject begin or end: parted there, those of an unknown client
    /// soon stand alone. `None` if all have the same, or none has one.
    fn edge(&self, lines: &Range<usize>) -> Option<usize> {
        let middle = lines.start + lines.len() / 2;
        let subject = self.subject(middle)?;
        let is_other = |line: &usize| self.subject(*line) != Some(subject);
        let begin = (lines.start..middle).rev().find(is_other).map(|line| line + 1);
        begin.or_else(|| (middle..lines.end).find(is_other))
    }

    /// Whether halving a refused chunk is worth its requests. If nothing was accepted and line after
    /// line is refused, the fault is not in the lines.
    fn may_search(&self) -> bool {
        self.search > 0 && (self.progress.accepted > 0 || self.found < HOPELESS)
    }

    /// The request for some lines, or why there is none.
    fn prepare(&self, lines: Range<usize>) -> Result<Prepared<E>> {
        let endpoint = (self.call.endpoint)(self.lines.get(lines).unwrap_or_default());
        let body = endpoint.body()?.unwrap_or_default();
        if body.len() > self.options.chunk_bytes {
            return Err(Error::invalid("one line alone is longer than a request may be"));
        }
        Ok(Prepared { endpoint, body })
    }

    fn settle(&mut self, lines: Range<usize>, result: Result<()>) {
        match result {
            Ok(()) => self.progress.accepted += lines.len(),
            Err(_) => self.progress.failed += lines.len(),
        }
        self.outcomes.push(ChunkOutcome { lines, result });
        if let Some(watch) = &self.options.progress {
            watch(&self.progress);
        }
    }
}

/// An endpoint whose body is encoded already, because its length had to be known.
struct Prepared<E> {
    endpoint: E,
    body: Bytes,
}

impl<E: Endpoint> serde::Serialize for Prepared<E> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.endpoint.serialize(serializer)
    }
}

impl<E: Endpoint> Endpoint for Prepared<E> {
    const EFFECT: Effect = E::EFFECT;
    const METHOD: http::Method = E::METHOD;
    type Response = E::Response;

    fn path(&self) -> Path {
        self.endpoint.path()
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.endpoint.query()
    }

    fn headers(&self) -> http::HeaderMap {
        self.endpoint.headers()
    }

    fn body(&self) -> Result<Option<Bytes>> {
        Ok(Some(self.body.clone()))
    }

    fn effect(&self) -> Effect {
        self.endpoint.effect()
    }

    fn method(&self) -> http::Method {
        self.endpoint.method()
    }

    fn priority(&self) -> Priority {
        self.endpoint.priority()
    }

    fn decode(&self, body: &[u8]) -> Result<E::Response> {
        self.endpoint.decode(body)
    }
}
