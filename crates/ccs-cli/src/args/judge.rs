//! The command line of `ccs judge`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum};

use super::Json;

#[derive(Debug, Subcommand)]
pub(crate) enum Judge {
    /// Ask a model from now on; what is not said stays as it was
    Enable(Enable),
    /// Ask no more
    Disable,
    /// Say whom hooks ask, and whether it answers; 1 if it rests because it failed
    Status(Json),
    /// Show the model an innocent and an injected text; 1 if it is wrong, 3 if it does not answer
    Test(Json),
    /// Ask again although it failed, and forget what it answered
    Reset,
    /// Say what the scanner and the model make of a text; 1 if it gives orders to an agent
    Ask(Ask),
    /// Send what a hook asks to an endpoint that needs TLS or a key
    #[command(hide = true)]
    Relay,
}

#[derive(Debug, Group)]
pub(crate) struct Enable {
    /// `http://` on this machine, `https://`, or `unix:/SOCKET[:/PATH]`
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// The protocol there
    #[arg(long, value_name = "API")]
    pub(crate) api: Option<Api>,
    /// The model to ask for
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// How long a question may take altogether, in milliseconds: 50 to 8000
    #[arg(long, value_name = "MS")]
    pub(crate) deadline: Option<u64>,
    /// How many bytes of a text to show at most: 1000 to 64000
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_input: Option<usize>,
    /// Of texts from new places in which nothing was found, how many of a hundred to ask about
    #[arg(long, value_name = "PERCENT")]
    pub(crate) sample: Option<u8>,
    /// Never let through what the scanner warns of
    #[arg(long)]
    pub(crate) no_lower: bool,
    /// Do not send the schema of the answer, for servers that refuse it
    #[arg(long)]
    pub(crate) no_schema: bool,
    /// Let texts leave this machine, over TLS
    #[arg(long)]
    pub(crate) remote: bool,
    /// Send the entry of the vault with this name as the key
    #[arg(long, value_name = "NAME", conflicts_with = "key_command")]
    pub(crate) key_from_vault: Option<String>,
    /// Send what this program prints as the key; a word for each argument
    #[arg(long, value_name = "WORD", num_args = 1.., allow_hyphen_values = true)]
    pub(crate) key_command: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Api {
    /// Chat completions: RedSage, llama.cpp, vLLM, LM Studio …
    #[value(name = "openai")]
    OpenAi,
    /// Ollama's own
    Ollama,
}

#[derive(Debug, Group)]
pub(crate) struct Ask {
    /// The text; `-` is the input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) json: Json,
}
