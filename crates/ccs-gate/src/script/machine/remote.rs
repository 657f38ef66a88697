//! Destructive methods of clients of remote services.
//!
//! Nothing in a script proves that `client.delete("x")` reaches a service, so this goes by
//! names and stays narrow: the verb must be destructive, the receiver must call itself a client,
//! gateway or API, be made by something that does, or belong to a service's own library.

use super::Machine;
use super::args::Args;
use crate::script::expr::{Expr, Step};
use crate::script::value::Value;
use crate::script::{Act, Language};

/// What destructive methods begin with.
const VERBS: &[&str] = &[
    "delete",
    "destroy",
    "drop",
    "purge",
    "clear",
    "removeall",
    "truncate",
    "wipe",
    "empty",
];

/// Libraries of services, by their root name.
const SERVICES: &[&str] = &[
    "algolia",
    "algoliasearch",
    "braintree",
    "stripe",
    "square",
    "squareup",
    "twilio",
    "sendgrid",
    "mailgun",
    "cloudflare",
    "launchdarkly",
    "pagerduty",
    "elasticsearch",
    "opensearch",
    "boto3",
    "aws",
    "dynamodb",
    "s3",
    "route53",
    "cloudinary",
    "contentful",
    "firebase",
    "supabase",
    "shopify",
    "paypal",
    "adyen",
    "octokit",
    "gitlab",
    "heroku",
    "netlify",
    "vercel",
    "linode",
    "digitalocean",
    "hcloud",
    "pinecone",
    "weaviate",
    "meilisearch",
    "typesense",
    "auth0",
    "okta",
];

/// Names that are local things however they sound.
const LOCAL: &[&str] = &[
    "map",
    "set",
    "list",
    "dict",
    "array",
    "cache",
    "localstorage",
    "sessionstorage",
    "document",
    "window",
    "console",
    "fs",
    "os",
    "path",
    "searchparams",
    "urlsearchparams",
    "headers",
    "formdata",
    "object",
    "reflect",
    "file",
    "dir",
    "hash",
    "string",
    "testclient",
    "test_client",
];

impl Machine {
    /// Notes a destructive call of something that speaks for a remote service.
    pub(super) fn remote(
        &mut self,
        verb: &str,
        receiver: &Value,
        args: &Args,
        (base, steps): (&Expr, &[Step]),
    ) {
        let speaks = matches!(
            self.language,
            Language::JavaScript | Language::Ruby | Language::Python | Language::Php
        );
        let plain = verb.replace('_', "").to_ascii_lowercase();
        let destroys = plain == "del" || VERBS.iter().any(|begin| plain.starts_with(begin));
        if !speaks || plain.ends_with("cache") || !destroys {
            return;
        }
        let route = args.items.first().and_then(Value::constant);
        if route.is_some_and(|route| route.starts_with('/') || super::command::is_address(&route)) {
            // The method of an HTTP client or of a test's client.
            return;
        }
        let names = trail(base, steps);
        let local = names.iter().any(|name| LOCAL.contains(&name.as_str()));
        let root = names.first().map_or("", String::as_str);
        let client = receiver.kind() == "client"
            || SERVICES.contains(&root)
            || names.iter().any(|name| {
                ["client", "gateway", "api", "sdk"]
                    .iter()
                    .any(|word| is_part(name, word))
            });
        if client && !local {
            self.act(Act::Remote {
                verb: verb.to_owned(),
            });
        }
    }
}

/// The names of an access chain in lower case, without their sigils.
fn trail(base: &Expr, steps: &[Step]) -> Vec<String> {
    let mut names = Vec::new();
    if let Expr::Name(name) | Expr::Module(name) = base {
        let name = name.trim_start_matches(['$', '@']);
        names.extend(name.split(['.', '\\']).map(str::to_ascii_lowercase));
    }
    for step in steps {
        if let Step::Member(name) = step {
            names.push(name.to_ascii_lowercase());
        }
    }
    names
}

/// Whether `name` speaks of `word`: `s3client`, `api_v2`, `my_api`, but not `rapid`.
fn is_part(name: &str, word: &str) -> bool {
    let segment = name.split('_').any(|segment| segment == word);
    let suffix = word.len() > 3 && name.ends_with(word);
    segment || suffix
}

/// Whether a call of `path`, whose last part is `name`, makes a client.
pub(super) fn makes_client(path: &str, name: &str) -> bool {
    let root = path.split('.').next().unwrap_or("").to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    let maker = is_part(&name, "client") || is_part(&name, "gateway");
    let class = path.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    maker
        || is_part(&class, "client")
        || is_part(&class, "gateway")
        || SERVICES.contains(&root.as_str())
}
