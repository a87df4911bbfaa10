//! One thread that owns one connection and works off jobs, many of them in one transaction.
//!
//! Why a thread and not a pool: SQLite has one writer at a time anyway, a rusqlite transaction
//! cannot live across an await, and one queue gives group commit for nothing: whatever waits while
//! a commit is on its way to the disk shares the next one.
//!
//! Promises: jobs run in the order they were queued; each is all or nothing (a savepoint of its own
//! within the shared transaction); nobody hears of a job's success before its commit.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::error::StoreError;

/// Jobs that may wait; more hold back whoever brings them.
const QUEUE: usize = 64;

/// Jobs that share one commit at the most.
const GROUP: usize = 128;

/// How a worker begins its transactions.
#[derive(Debug, Clone, Copy)]
pub enum Begin {
    /// Takes the write lock at once: a transaction that reads first and locks later can fail busy
    /// without waiting.
    Immediate,
    /// A snapshot to read from.
    Deferred,
}

/// The queue to a worker thread. The thread ends when the last clone is gone.
#[derive(Debug, Clone)]
pub struct Worker {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Worker {
    /// Starts a thread on `connection`.
    ///
    /// # Errors
    /// [`StoreError::Work`] where the system gives no thread.
    pub fn start(name: &str, connection: Connection, begin: Begin) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work_off(&connection, begin, queue))
            .map_err(|e| StoreError::Work(format!("no thread for the store: {e}")))?;
        Ok(Self { jobs })
    }

    /// Queues a job; its outcome comes with the commit that it is part of.
    pub async fn queue<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let (reply, outcome) = oneshot::channel();
        let job = Typed { work: Some(Box::new(work)), done: None, reply };
        // A closed queue drops the job and with it the reply, which Pending reports.
        let _ = self.jobs.send(Box::new(job)).await;
        Pending { outcome }
    }

    /// Queues a job and waits for its commit.
    ///
    /// # Errors
    /// What the job or the commit met.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.queue(work).await.outcome().await
    }
}

/// A job whose commit is still to come.
#[derive(Debug)]
pub struct Pending<T> {
    outcome: oneshot::Receiver<Result<T, StoreError>>,
}

impl<T> Pending<T> {
    /// Waits for the commit.
    ///
    /// # Errors
    /// What the job or the commit met.
    pub async fn outcome(self) -> Result<T, StoreError> {
        self.outcome.await.unwrap_or(Err(StoreError::Closed))
    }
}

trait Job: Send {
    /// Does the work; after an error its writes have to be undone.
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    fn finish(self: Box<Self>, commit: Result<(), StoreError>);
}

type Work<T> = Box<dyn FnOnce(&Connection) -> Result<T, StoreError> + Send>;

struct Typed<T> {
    work: Option<Work<T>>,
    done: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send> Job for Typed<T> {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(work) = self.work.take() else { return Err(StoreError::Closed) };
        let done = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|panic| Err(StoreError::Work(message_of(&*panic))));
        let ended = done.as_ref().map(drop).map_err(Clone::clone);
        self.done = Some(done);
        ended
    }

    fn finish(self: Box<Self>, commit: Result<(), StoreError>) {
        let outcome = match (self.done, commit) {
            (Some(Ok(value)), Ok(())) => Ok(value),
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        // Whoever asked may have stopped waiting; the work stands all the same.
        let _ = self.reply.send(outcome);
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}

fn work_off(connection: &Connection, begin: Begin, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let commit = transaction(connection, begin, first, &mut queue, &mut group);
        if commit.is_err() && !connection.is_autocommit() {
            // A failed commit leaves the transaction open; nothing of it may reach the next one.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for job in group {
            job.finish(commit.clone());
        }
    }
}

/// Runs the first job and those that wait behind it in one transaction, and collects them.
fn transaction(
    connection: &Connection,
    begin: Begin,
    first: Box<dyn Job>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
    group: &mut Vec<Box<dyn Job>>,
) -> Result<(), StoreError> {
    let begun = connection.execute_batch(match begin {
        Begin::Immediate => "BEGIN IMMEDIATE",
        Begin::Deferred => "BEGIN DEFERRED",
    });
    group.push(first);
    begun?;
    while let Some(job) = group.last_mut() {
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        if let Err(error) = job.run(connection) {
            // SQLite ends the whole transaction by itself where the disk fails: then what failed
            // the job failed its neighbours too.
            if connection.is_autocommit() {
                return Err(error);
            }
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
        if group.len() == GROUP {
            break;
        }
        let Ok(next) = queue.try_recv() else { break };
        group.push(next);
    }
    step!("store.committing");
    connection.execute_batch("COMMIT")?;
    step!("store.committed");
    Ok(())
}
