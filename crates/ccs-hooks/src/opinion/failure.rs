//! Why there is no second opinion.

/// What went wrong. Whatever it is, the scanner's verdict stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// Nobody was reached, or the connection broke.
    #[error("it was not reached: {0}")]
    Unreachable(String),
    /// The whole answer was not there in time.
    #[error("it did not answer within {0} ms")]
    Late(u64),
    /// It answered with another status than 200. Redirections are not followed.
    #[error("it answered with status {0}")]
    Status(u16),
    /// The answer is longer than such an answer can be.
    #[error("its answer is too long")]
    TooLong,
    /// What came back is not an answer to what was asked.
    #[error("its answer is none: {0}")]
    NoAnswer(&'static str),
    /// It failed so often that it is not asked for a while.
    #[error("it failed too often and is not asked for a while")]
    Resting,
    /// What it needs on this machine did not work.
    #[error("{0}")]
    Machine(String),
}
