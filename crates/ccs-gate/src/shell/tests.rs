//! What the reader makes of a text, written as nested parentheses.

use super::ast::{Document, Item, Kind, Node, Part, Script, Simple, Word};
use super::parse;

fn show(source: &str) -> String {
    let document = parse(source);
    let mut out = script(&document.script);
    if document.unread.is_some() {
        out.push_str(" …");
    }
    out
}

fn script(script: &Script<'_>) -> String {
    script.items.iter().map(item).collect::<Vec<_>>().join(" ")
}

fn item(item: &Item<'_>) -> String {
    let mark = if item.conditional { "?" } else { "" };
    let tail = if item.background { "&" } else { "" };
    format!("{mark}{}{tail}", node(&item.node))
}

fn node(node: &Node<'_>) -> String {
    match node {
        Node::Simple(simple) => simple_command(simple),
        Node::Pipe(stages) => {
            format!(
                "({})",
                stages
                    .iter()
                    .map(self::node)
                    .collect::<Vec<_>>()
                    .join(" | ")
            )
        }
        Node::Compound(compound) => {
            let redirects = compound.redirects.iter().map(|r| format!(" {:?}", r.kind));
            format!("{}{}", kind(&compound.kind), redirects.collect::<String>())
        }
        Node::Function { name, body } => format!("def {name} {{{body}}}"),
    }
}

fn kind(kind: &Kind<'_>) -> String {
    match kind {
        Kind::Group(body) => format!("{{{}}}", script(body)),
        Kind::Subshell(body) => format!("sub({})", script(body)),
        Kind::If(parts) => format!(
            "if({})",
            parts.iter().map(script).collect::<Vec<_>>().join(";")
        ),
        Kind::Loop(condition, body) => format!("while({};{})", script(condition), script(body)),
        Kind::For { name, words, body } => {
            let words = words.as_ref().map_or("@".into(), |w| all(w));
            format!("for({name} in {words};{})", script(body))
        }
        Kind::Case {
            subject,
            patterns,
            arms,
        } => {
            let arms = arms.iter().map(script).collect::<Vec<_>>().join(";");
            format!("case({} {};{arms})", word(subject), all(patterns))
        }
        Kind::Expression(words) => format!("expr({})", all(words)),
    }
}

fn all(words: &[Word<'_>]) -> String {
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn simple_command(simple: &Simple<'_>) -> String {
    let mut out: Vec<String> = Vec::new();
    for assign in &simple.assigns {
        out.push(format!("{}={}", assign.name, all(&assign.value)));
    }
    out.extend(simple.words.iter().map(word));
    for redirect in &simple.redirects {
        let fd = redirect.fd.map_or(String::new(), |fd| fd.to_string());
        out.push(format!(
            "{fd}{:?}:{}",
            redirect.kind,
            word(&redirect.target)
        ));
    }
    format!("[{}]", out.join(" "))
}

fn word(word: &Word<'_>) -> String {
    word.parts.iter().map(part).collect()
}

fn part(part: &Part<'_>) -> String {
    match part {
        Part::Bare(text) => (*text).to_owned(),
        Part::Quoted(text) => format!("'{text}'"),
        Part::Param(param, _) => {
            let operands = param
                .operands
                .iter()
                .map(word)
                .collect::<Vec<_>>()
                .join(",");
            format!("${{{}{}{operands}}}", param.name, param.operator)
        }
        Part::Command(body, _) => format!("$({})", script(body)),
        Part::Backtick(text, _) => format!("`{text}`"),
        Part::Process(body, write) => {
            format!("{}({})", if *write { ">" } else { "<" }, script(body))
        }
        Part::Arithmetic(inner) => format!("$(({}))", word(inner)),
    }
}

#[test]
fn lists_and_pipelines_keep_their_order() {
    assert_eq!(
        show("a b; c && d || e & f | g |& h"),
        "[a b] [c] ?[d] ?[e]& ([f] | [g] | [h])"
    );
    assert_eq!(show("! time -p make\n# note\nls"), "[make] [ls]");
    assert_eq!(show("&& git status"), "?[git status]");
}

#[test]
fn quotes_join_into_one_word() {
    assert_eq!(show(r#"r''m "-r"f \~ 'a b'"#), r"[r''m '-r'f '~' 'a b']");
    assert_eq!(show(r"$'\x72m' $"), "['rm' '$']");
    assert_eq!(show("a\\\nb"), "[ab]");
}

#[test]
fn expansions_are_read_inside_double_quotes() {
    assert_eq!(
        show(r#"echo "$(rm "$x") ${y:-"z w"} `id` $((1+$(n)))""#),
        "[echo $([rm ${x}])' '${y:-'z w'}' '`id`' '$((1+$([n])))]"
    );
}

#[test]
fn operators_of_parameters_have_operands() {
    assert_eq!(
        show("${a//x/y} ${a:1:2} ${!r} ${#a} ${a[@]} ${a^^} ${a@P} $@x"),
        "[${a//x,y} ${a:1,2} ${r} ${a} ${a} ${a^^} ${a@P} ${@}x]"
    );
}

#[test]
fn double_parentheses_may_be_two_subshells() {
    assert_eq!(show("((a+1)); ((b); c)"), "expr(a+1) sub(sub([b]) [c])");
    assert_eq!(
        show("echo $((x)) $((y); z)"),
        "[echo $((x)) $(sub([y]) [z])]"
    );
}

#[test]
fn compound_commands_have_bodies() {
    assert_eq!(
        show("if a; then b; elif c; then d; else e; fi >f"),
        "if([a];[b];[c];[d];[e]) Write"
    );
    assert_eq!(show("for x in 1 2; do y; done"), "for(x in 1 2;[y])");
    assert_eq!(show("for x; do y; done"), "for(x in @;[y])");
    assert_eq!(
        show("for ((i=0;i<3;i++)); do y; done"),
        "for( in i=0;i<3;i++;[y])"
    );
    assert_eq!(show("while a; do b; done < c"), "while([a];[b]) Read");
    assert_eq!(
        show("case $x in a|b) c;; (d) e;& *) f; esac"),
        "case(${x} a b d *;[c];[e];[f])"
    );
    assert_eq!(
        show("[[ -f a && $x == $(b) ]]"),
        "expr(-f a ${x} == $([b]))"
    );
    assert_eq!(show("{ a; } 2>&1"), "{[a]} DupOut");
    assert_eq!(show("coproc X { a; }; coproc b c"), "{{[a]}&} {[b c]&}");
}

#[test]
fn functions_keep_their_source() {
    assert_eq!(
        show("f() { a; }; function g { b; }"),
        "def f {{ a; }} def g {{ b; }}"
    );
    assert_eq!(show(":(){ :|:& };:"), "def : {{ :|:& }} [:]");
}

#[test]
fn redirections_are_found_anywhere() {
    assert_eq!(
        show(">a b 2>&1 <c >>d &>e >|f <>g <<<h"),
        "[b Write:a 2DupOut:1 Read:c Append:d Both:e Write:f ReadWrite:g HereString:h]"
    );
    assert_eq!(show("a <(b) >(c)"), "[a <([b]) >([c])]");
}

#[test]
fn here_documents_go_to_the_line_after() {
    let document = parse("cat <<A <<-'B'; x\none\nA\n\ttwo\n\tB\ny");
    assert_eq!(document.bodies, ["one\n", "two\n"]);
    assert_eq!(document.script.items.len(), 3);
    assert_eq!(bodies("cat <<EOF\nnever closed"), ["never closed"]);
    assert_eq!(bodies("$(cat <<E\nin\nE\n) x"), ["in\n"]);
}

fn bodies(source: &'static str) -> Vec<String> {
    let Document { bodies, .. } = parse(source);
    bodies.into_iter().map(Into::into).collect()
}

#[test]
fn assignments_come_before_the_command() {
    assert_eq!(
        show("A=1 B+=2 c[0]=3 d=(x y) cmd E=4"),
        "[A=1 B=2 c=3 d=x y cmd E=4]"
    );
    assert_eq!(show("declare -a z=(1 2)"), "[z=1 2 declare -a]");
}

#[test]
fn unclosed_constructs_are_read_to_the_end() {
    assert_eq!(show("rm -rf / 'unterminated"), "[rm -rf / 'unterminated']");
    assert_eq!(show("echo \"$(rm x"), "[echo $([rm x])]");
    assert_eq!(show("if a; then b"), "if([a];[b])");
    assert_eq!(show(") ; } fi rm"), "[} fi rm]");
}

#[test]
fn hostile_nesting_is_cut_and_told() {
    for opener in [
        "$(",
        "(",
        "{ ",
        "`",
        "${a:-",
        "$((",
        "if a; then ",
        "<(",
        "\"$(",
        "{a,",
        "[[ ",
    ] {
        let text = opener.repeat(20_000);
        let document = parse(&text);
        assert!(document.script.items.len() < 70_000, "{opener}");
    }
    assert!(parse(&"$(".repeat(200)).unread.is_some());
    assert!(parse(&"a;".repeat(200_000)).unread.is_some());
}
