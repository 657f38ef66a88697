//! What other parts of ccs found.

use std::path::Path;

use super::on_path;
use crate::posture::Context;
use crate::posture::finding::Findings;
use crate::posture::source::Scope;

pub(super) fn run(context: &Context<'_>, found: &mut Findings<'_>) {
    for fact in context.facts.iter() {
        let draft = on_path(context, fact.check, Path::new(&fact.path), Scope::Machine);
        found.add(draft.evidence(fact.evidence.as_str()));
    }
}
