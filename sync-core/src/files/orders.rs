//! One act, one file.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::blocking;
use super::whole::write_whole;
use crate::act::{Act, Created};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::submitter::{Submission, Submitter};

type Content = Box<dyn Fn(&Act) -> Result<Vec<u8>, Reason> + Send + Sync>;

/// A submitter that writes each act into a file of its own, for an ERP that takes orders from a folder. The file
/// appears whole or not at all; it is named after the act, so that submitting twice makes one file.
///
/// The name is the act's [`op_key`](Act::op_key), with `_` for what file names cannot have, and its
/// [`guid`](Act::guid). The content closure puts the same reference inside, if the ERP can keep it.
///
/// The ERP moves what it took into the folder `done`, which has to be there: whether an act happened is asked of
/// the folder and of `done`. Without `done` nobody could tell a file that was taken from one that was never
/// written, so nothing is submitted and a look-up answers [`Config`](ErrorKind::Config). An ERP that deletes what
/// it took, or leaves it, needs a script that moves it there.
pub struct OrderFiles {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    extension: String,
    content: Content,
    /// One file at a time, also if the future of an earlier call was dropped.
    writing: Mutex<()>,
}

impl OrderFiles {
    /// Writes into `folder` files that end with `.{extension}`, which may be given with its point. `content` makes the bytes from the act's frozen
    /// payload: the same for the same act, in the encoding that the ERP wants
    /// ([`TextEncoding::encode`](super::TextEncoding::encode)). Its reason refuses the act.
    pub fn new(
        folder: impl Into<PathBuf>,
        extension: impl Into<String>,
        content: impl Fn(&Act) -> Result<Vec<u8>, Reason> + Send + Sync + 'static,
    ) -> Self {
        let inner = Inner {
            folder: folder.into(),
            extension: extension.into().trim_start_matches('.').to_owned(),
            content: Box::new(content),
            writing: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }
}

/// The longest part of a name that is the op key; the guid tells longer ones apart.
const LONGEST_NAME: usize = 80;

impl Inner {
    fn name(&self, act: &Act) -> String {
        let plain = |sign: char| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '_' };
        let op_key: String = act.op_key.as_str().chars().take(LONGEST_NAME).map(plain).collect();
        // no point before the guid: Windows takes `NUL.x.txt` for the device
        format!("{op_key}_{}.{}", act.guid, self.extension)
    }

    fn done(&self) -> Result<PathBuf> {
        let done = self.folder.join("done");
        if done.is_dir() {
            Ok(done)
        } else {
            let folder = self.folder.display();
            Err(Error::config(format!("the folder of orders {folder} has no folder `done`"))
                .with_task("make it: the ERP, or a script, moves there what was taken"))
        }
    }

    /// The act's file, where it is, if it holds what the act says.
    fn find(&self, act: &Act, content: &[u8]) -> Result<Option<Created>> {
        let name = self.name(act);
        // the folder last: a file moves from there to `done`, and is looked for there once more
        for place in [self.done()?, self.folder.clone(), self.done()?] {
            match fs::read(place.join(&name)) {
                Ok(found) if found == content => return Ok(Some(Created::new(name))),
                Ok(_) => {
                    return Err(Error::config(format!("{name}: the file holds something else than the act")));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(Error::transient(format!("{name}: cannot be read: {}", error.kind())));
                }
            }
        }
        Ok(None)
    }

    fn submit(&self, act: &Act) -> Submission {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let content = match (self.content)(act) {
            Ok(content) => content,
            Err(reason) => return Submission::Refused(reason),
        };
        match self.find(act, &content) {
            Ok(Some(created)) => return Submission::Done(created),
            Ok(None) => {}
            Err(error) if error.kind() == ErrorKind::Config && self.done().is_ok() => {
                return Submission::InDoubt(error);
            }
            Err(error) => return Submission::NotSent(error),
        }
        let name = self.name(act);
        match create(&self.folder.join(&name), &content) {
            Ok(()) => Submission::Done(Created::new(name)),
            Err(error) => {
                let error = Error::transient(format!("{name}: cannot be written: {}", error.kind()));
                // the folder may not be on the disk yet, or another process may have been there first
                Submission::InDoubt(error)
            }
        }
    }
}

fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    write_whole(path, |file| file.write_all(content).map(|()| true)).map(drop)
}

#[async_trait]
impl Submitter for OrderFiles {
    async fn submit(&self, act: &Act) -> Submission {
        let (inner, act) = (Arc::clone(&self.inner), act.clone());
        match blocking(move || Ok(inner.submit(&act))).await {
            Ok(submission) => submission,
            Err(error) => Submission::InDoubt(error),
        }
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        let (inner, act) = (Arc::clone(&self.inner), act.clone());
        blocking(move || {
            let _one_at_a_time = inner.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let content = (inner.content)(&act)
                .map_err(|reason| Error::config(format!("the act is refused now: {}", reason.code())))?;
            inner.find(&act, &content)
        })
        .await
    }
}

impl fmt::Debug for OrderFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderFiles").field("folder", &self.inner.folder).finish_non_exhaustive()
    }
}
