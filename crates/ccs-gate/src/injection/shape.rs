// What rules speak about besides rows of words. Shared with the build script: the name in a
// rule file is the variant in kebab case.

/// Something that is recognised by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shape {
    /// Tag characters.
    Tags,
    /// Variation selectors that select nothing.
    Selectors,
    /// A long run of zero-width characters.
    ZeroWidth,
    /// Invisible characters inside words.
    Split,
    /// A direction override.
    Override,
    /// An isolate around left-to-right text.
    Isolate,
    /// Words of mixed alphabets.
    Lookalike,
    /// Letters under piles of accents.
    Stacked,
    /// Sentences in a concealed place.
    ConcealedProse,
    /// An instruction in a concealed place.
    ConcealedOrder,
    /// The token of a chat template.
    TemplateToken,
    /// A tag that only the program around the model writes.
    RoleTag,
    /// A heading or line that hands the word to another speaker.
    RoleLine,
    /// Such a line, and an order behind it.
    RoleOrder,
    /// Something in brackets or tags that calls itself an instruction, and an order behind it.
    OrderTag,
    /// Two or more such lines.
    Dialogue,
    /// A chat message as JSON with a role of authority.
    RoleJson,
    /// Such a message that holds an order.
    JsonOrder,
    /// A call of a tool, as the model would write it.
    ToolCall,
    /// An image or link whose address carries a placeholder for data.
    DataImage,
    /// Text that the terminal hides.
    TerminalHidden,
    /// A terminal sequence that does more than show text.
    TerminalControl,
    /// More than could be looked at.
    Incomplete,
}

impl Shape {
    /// Every shape with its name in rule files.
    #[allow(dead_code, reason = "only the build script asks for names")]
    pub(crate) const NAMES: &'static [(&'static str, Shape)] = &[
        ("tags", Shape::Tags),
        ("selectors", Shape::Selectors),
        ("zero-width", Shape::ZeroWidth),
        ("split", Shape::Split),
        ("override", Shape::Override),
        ("isolate", Shape::Isolate),
        ("lookalike", Shape::Lookalike),
        ("stacked", Shape::Stacked),
        ("concealed-prose", Shape::ConcealedProse),
        ("concealed-order", Shape::ConcealedOrder),
        ("template-token", Shape::TemplateToken),
        ("role-tag", Shape::RoleTag),
        ("role-line", Shape::RoleLine),
        ("role-order", Shape::RoleOrder),
        ("order-tag", Shape::OrderTag),
        ("dialogue", Shape::Dialogue),
        ("role-json", Shape::RoleJson),
        ("json-order", Shape::JsonOrder),
        ("tool-call", Shape::ToolCall),
        ("data-image", Shape::DataImage),
        ("terminal-hidden", Shape::TerminalHidden),
        ("terminal-control", Shape::TerminalControl),
        ("incomplete", Shape::Incomplete),
    ];
}
