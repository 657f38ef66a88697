//! What a callable of the tables does when it is called.

use std::rc::Rc;

use super::Machine;
use super::args::Args;
use crate::script::Language;
use crate::script::table::{Entry, Shape};
use crate::script::value::{Taint, Value};

impl Machine {
    pub(super) fn perform(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        let result = match self.act_of(entry, receiver, args) {
            Some(result) => result,
            None => self.fold(entry, receiver, args),
        };
        let result = self.given(entry, result);
        let callbacks = !matches!(
            entry.shape,
            Shape::Map
                | Shape::Invoke
                | Shape::Apply
                | Shape::CallFirst
                | Shape::Endless
                | Shape::FindFiles
        );
        if callbacks && has_function(args) {
            let nothing = Value::unknown();
            let opens = matches!(
                entry.shape,
                Shape::Open | Shape::OpenHandle | Shape::Connect
            ) || (self.language == Language::Ruby && result.kind() == "command");
            if opens {
                self.call_with_object(&result, args);
            } else if entry.shape == Shape::Fork {
                // What the child waits for does not hold up its parent.
                let waits = self.scene.waits;
                self.call_back(&nothing, &result, args);
                self.scene.waits = waits;
            } else {
                self.call_back(receiver.unwrap_or(&nothing), &result, args);
            }
        }
        result
    }

    /// `File.open(path) { |file| … }`.
    fn call_with_object(&mut self, object: &Value, args: &Args) {
        for item in &args.items {
            if let Value::Function(function) = item {
                self.call_function(function, std::slice::from_ref(object), object.taint());
            }
        }
    }

    /// The object an entry gives, unless the act made one already.
    fn given(&mut self, entry: Entry, result: Value) -> Value {
        // Of these `gives` says how, and not what.
        let is_text = matches!(
            entry.shape,
            Shape::Constant
                | Shape::Concatenate
                | Shape::Replace
                | Shape::Substring
                | Shape::FormatText
                | Shape::PathConstant
        );
        if entry.gives.is_empty() || is_text {
            return result;
        }
        match &result {
            Value::Object(_) => result,
            other => Value::object(entry.gives, other.texts()),
        }
    }

    /// The acts, by kind; `None` if the entry only computes.
    fn act_of(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Option<Value> {
        use Shape as S;
        Some(match entry.shape {
            S::Shell
            | S::System
            | S::Subprocess
            | S::Program
            | S::Spawn
            | S::Execv
            | S::Execl
            | S::Words
            | S::Start
            | S::Code
            | S::CodeFile
            | S::MakeFunction
            | S::CodeLater
            | S::Load
            | S::CommandOutput
            | S::ForkFile => self.execute(entry, receiver, args),
            S::Read
            | S::Write
            | S::Append
            | S::Open
            | S::OpenHandle
            | S::Put
            | S::PipeTo
            | S::PutTo
            | S::PrintLine
            | S::Print
            | S::PrintFormat
            | S::Delete
            | S::DeleteTree
            | S::DeleteMaybe
            | S::Rename
            | S::Copy
            | S::Chmod
            | S::ChmodAll
            | S::Chown
            | S::Glob
            | S::Names
            | S::Below
            | S::ListItems
            | S::Walk
            | S::OpenWrite
            | S::WriteLines => self.file(entry, receiver, args),
            S::Connect
            | S::ConnectPort
            | S::Address
            | S::SocketHandle
            | S::Request
            | S::Send
            | S::Download
            | S::CurlOption
            | S::Listen
            | S::ReadInto => self.network(entry, receiver, args),
            S::Kill | S::Fork | S::Wait | S::Endless | S::FindFiles => {
                self.processes(entry, receiver, args)
            }
            S::TclFile | S::TclPuts | S::TclGets | S::TclSocket | S::TclString | S::TclBinary => {
                self.tcl(entry, args)
            }
            S::Scope
            | S::Import
            | S::Attribute
            | S::Dispatch
            | S::Invoke
            | S::Apply
            | S::CallFirst
            | S::Map
            | S::Construct
            | S::Identity
            | S::Object
            | S::Reference => self.names(entry, receiver, args),
            S::Environment
            | S::Variable
            | S::DumpEnvironment
            | S::Arguments
            | S::StandardInput
            | S::StandardOutput
            | S::Constant
            | S::PathConstant
            | S::Unknown
            | S::Clean
            | S::Shift
            | S::Readline => self.value_of(entry, receiver, args),
            _ => return None,
        })
    }

    fn processes(&mut self, entry: Entry, receiver: Option<&Value>, args: &Args) -> Value {
        match entry.shape {
            Shape::Kill => {
                let pid = self.main(&entry, receiver, args);
                if let Some(pid) = pid {
                    for text in pid.texts().all {
                        self.act(crate::script::Act::Kill(text.to_string()));
                    }
                }
            }
            Shape::Fork => self.scene.forks += 1,
            Shape::FindFiles => return self.find_files(args),
            Shape::Wait => self.scene.waits += 1,
            _ => {
                let (forks, waits) = (self.scene.forks, self.scene.waits);
                for item in &args.items {
                    self.call_value(item, Vec::new());
                }
                self.forks_without_end(true, forks, waits);
            }
        }
        Value::Unknown(receiver.map_or(Taint::NONE, Value::taint))
    }

    /// File::Find's `find(\&wanted, folders)`.
    fn find_files(&mut self, args: &Args) -> Value {
        let wanted = args.option(&["wanted"]).or(args.items.first()).cloned();
        for folder in args.items.iter().skip(1) {
            let below = folder
                .texts()
                .map(|folder| format!("{}/\0", folder.trim_end_matches('/')));
            for name in ["$_", "$File::Find::name"] {
                self.set(&Rc::from(name), Value::Text(below.clone()));
            }
            if let Some(wanted) = &wanted {
                self.call_value(wanted, Vec::new());
            }
        }
        Value::unknown()
    }
}

fn has_function(args: &Args) -> bool {
    let named = args.named.iter().map(|(_, value)| value);
    args.items.iter().chain(named).any(|item| match item {
        Value::Function(_) => true,
        Value::Map(map) => map
            .pairs
            .iter()
            .any(|(_, v)| matches!(v, Value::Function(_))),
        _ => false,
    })
}
