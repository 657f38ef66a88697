//! The report: what the log says, gathered once and written as one HTML page.

mod chart;
mod gather;
mod html;
mod page;
mod parts;

pub(crate) use gather::{Data, Scope, gather};
pub(crate) use page::page;
