use super::*;
use proptest::prelude::*;

fn frame<'a>(function: &'a str, file: &'a str, line: u32, column: u32) -> Frame<'a> {
    let in_app = true;
    Frame {
        function,
        file,
        line,
        column,
        in_app,
    }
}

#[test]
fn frames_of_every_language_are_read() {
    for (line, expected) in [
        (
            "at Cart.pay (https://s/a.js:1:2)",
            frame("pay", "https://s/a.js", 1, 2),
        ),
        (
            "at new Cart (https://s/a.js:1:2)",
            frame("Cart", "https://s/a.js", 1, 2),
        ),
        (
            "at e.<anonymous> (https://s/a.js:1:2)",
            frame("", "https://s/a.js", 1, 2),
        ),
        (
            "at Object.pay [as onclick] (https://s/a.js:1:2)",
            frame("pay", "https://s/a.js", 1, 2),
        ),
        ("at https://s/a.js:1:2", frame("", "https://s/a.js", 1, 2)),
        (
            "at file:///srv/a.mjs:1:2",
            frame("", "file:///srv/a.mjs", 1, 2),
        ),
        (
            "at com.shop.Cart.pay(Cart.java:7)",
            frame("pay", "Cart.java", 7, 0),
        ),
        (
            "at Shop.Cart.Pay(Int32 id) in /srv/Cart.cs:line 7",
            frame("Pay", "/srv/Cart.cs", 7, 0),
        ),
        (
            "pay@https://s/a.js:1:2",
            frame("pay", "https://s/a.js", 1, 2),
        ),
        (
            "render/<@https://s/a.js:1:2",
            frame("", "https://s/a.js", 1, 2),
        ),
        (
            "global code@https://s/a.js:1:2",
            frame("", "https://s/a.js", 1, 2),
        ),
        ("https://s/a.js:1:2", frame("", "https://s/a.js", 1, 2)),
        (
            "File \"/srv/a.py\", line 7, in pay",
            frame("pay", "/srv/a.py", 7, 0),
        ),
        (
            "/srv/a.rb:7:in 'Shop::Cart#pay'",
            frame("pay", "/srv/a.rb", 7, 0),
        ),
        (
            "from /srv/a.rb:7:in `block (2 levels) in pay'",
            frame("pay", "/srv/a.rb", 7, 0),
        ),
        (
            "#12 /srv/a.php(7): Shop\\Cart->pay()",
            frame("pay", "/srv/a.php", 7, 0),
        ),
        ("src/a.ex:7", frame("", "src/a.ex", 7, 0)),
    ] {
        assert_eq!(frames(line), [expected], "{line}");
    }
    for line in [
        "TypeError: Order failed at 12:30",
        "Traceback (most recent call last):",
        "    settle(order)",
        "mail to a@b.example",
        "at least one is needed",
        "{main}",
        "",
    ] {
        assert_eq!(frames(line), [], "{line}");
    }
}

#[test]
fn code_of_others_is_told_apart() {
    for (line, in_app) in [
        ("at f (https://s/assets/index.js:1:2)", true),
        ("at f (https://s/internal/native/a.js:1:2)", true),
        ("at f (webpack://shop/./src/a.js:1:2)", true),
        ("at f (webpack://shop/./node_modules/x/a.js:1:2)", false),
        ("at f (C:\\shop\\node_modules\\x\\a.js:1:2)", false),
        ("at f (node:internal/timers:1:2)", false),
        ("at f (chrome-extension://abc/a.js:1:2)", false),
        ("at f (https://s/assets/vendor.1a2b.js:1:2)", false),
        ("at f (https://cdn.jsdelivr.net/npm/x@1/a.js:1:2)", false),
        ("at Array.map (<anonymous>)", false),
        ("map@[native code]", false),
        ("f@https://s/a.js line 3 > eval:1:1", false),
        (
            "at eval (eval at f (https://s/a.js:1:2), <anonymous>:1:1)",
            false,
        ),
        ("/usr/lib/ruby/3.3.0/set.rb:7:in 'each'", false),
        (
            "/var/lib/gems/3.3.0/gems/rack-3.0/lib/rack.rb:7:in 'call'",
            false,
        ),
        (
            "File \"/usr/lib/python3.11/json/decoder.py\", line 7, in f",
            false,
        ),
        ("#0 /srv/vendor/x/a.php(7): f()", false),
    ] {
        let found: Vec<bool> = frames(line).iter().map(|frame| frame.in_app).collect();
        assert_eq!(found, [in_app], "{line}");
    }
}

#[test]
fn files_are_the_same_in_every_release() {
    for (told, expected) in [
        ("https://s/assets/index-DiwrgTda.js", "/assets/index-#.js"),
        (
            "https://s/assets/main.4f3a2b1c.chunk.js?v=3",
            "/assets/main.#.chunk.js",
        ),
        ("http://localhost:5173/src/App.tsx?t=17", "/src/App.tsx"),
        ("https://s/orders/4711", "/orders/#"),
        ("https://s", ""),
        (
            "/srv/shop/releases/20260101/a.rb",
            "/srv/shop/releases/#/a.rb",
        ),
        ("C:\\shop\\a.js", "C:/shop/a.js"),
        ("src/userProfile.js", "src/userProfile.js"),
        ("src/v2/a.js", "src/v#/a.js"),
    ] {
        assert_eq!(frame::file(told), expected, "{told}");
    }
}

#[test]
fn messages_are_folded() {
    for (message, expected) in [
        (
            "Order 4711 failed at 12:30\nsecond line",
            "Order # failed at #:#",
        ),
        ("1,234.50 of -3", "# of -#"),
        (
            "no 'Ann B.' and \"x\" and `y' and “z”",
            "no '#' and \"#\" and `#' and “#”",
        ),
        ("can't do what isn't there", "can't do what isn't there"),
        ("GET https://s/a?b=c#d, 404", "GET #, #"),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id #"),
        ("at 0xdeadbeef1", "at #"),
        ("key AbCdEfGhIjKlMnOp1", "key #"),
        ("for ••••• of x", "for # of x"),
        ("utf8 and h264", "utf# and h#"),
    ] {
        assert_eq!(
            message::folded(message.lines().next().unwrap(), false),
            expected
        );
    }
    assert_eq!(message::folded("name 'x1'", true), "name 'x#'");
    assert_eq!(
        message::folded(&"ä".repeat(300), false).chars().count(),
        MAX_MESSAGE
    );
}

fn of(message: &str, stack: &str) -> Fingerprint {
    let thrown = Thrown {
        message,
        stack,
        ..Thrown::default()
    };
    Issue::of(&thrown).fingerprint
}

#[test]
fn what_differs_is_another_issue() {
    let stack = "at pay (https://s/a.js:1:2)";
    let base = of("Error: a", stack);
    for (message, stack) in [
        ("Error: b", stack),
        ("OtherError: a", stack),
        ("Error: a", "at buy (https://s/a.js:1:2)"),
        ("Error: a", "at pay (https://s/b.js:1:2)"),
        ("Error: a", "at pay2 (https://s/a.js:1:2)"),
        (
            "Error: a",
            "at pay (https://s/a.js:1:2)\nat buy (https://s/a.js:1:2)",
        ),
        ("Error: a", ""),
    ] {
        assert_ne!(of(message, stack), base, "{message} {stack}");
    }
    // From the fourth frame on it does not matter.
    let deep = |last: &str| {
        let lines = ["a", "b", "c", last].map(|name| format!("at {name} (https://s/a.js:1:2)"));
        of("Error: a", &lines.join("\n"))
    };
    assert_eq!(deep("d"), deep("e"));
    let source = |source| {
        let thrown = Thrown {
            message: "Error: a",
            source,
            ..Thrown::default()
        };
        Issue::of(&thrown).fingerprint
    };
    assert_ne!(source("https://s/a.js"), source("https://s/b.js"));
}

#[test]
fn a_fingerprint_is_written_and_read() {
    let print = Fingerprint::of_number(0xa1);
    assert_eq!(print.text(), "00000000000000a1");
    assert_eq!(Fingerprint::parse("00000000000000a1"), Some(print));
    for wrong in [
        "",
        "a1",
        "00000000000000A1",
        "+0000000000000a1",
        "00000000000000a11",
    ] {
        assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
    }
    // It is a storage format.
    assert_eq!(
        of("Error: a", "at pay (https://s/a.js:1:2)").text(),
        "bfd1854250eed6cf"
    );
}

proptest! {
    #[test]
    fn any_text_is_read(kind in ".{0,20}", message in any_words(), stack in any_words(), source in ".{0,40}", rejected: bool) {
        let thrown = Thrown { kind: &kind, message: &message, stack: &stack, source: &source, rejected };
        let issue = Issue::of(&thrown);
        prop_assert!(issue.title.chars().count() <= MAX_MESSAGE);
        prop_assert_eq!(&Issue::of(&thrown), &issue);
        prop_assert!(frames(&stack).len() <= MAX_FRAMES);
    }

    /// Folding what is folded changes nothing. Quotes aside: what is folded away can bring two
    /// together that were none of a pair, and nobody folds twice.
    #[test]
    fn folding_is_idempotent(message in any_words()) {
        let message = message.replace(['\'', '"', '`', '‘', '’', '“', '”', '«', '»'], " ");
        let line = message.lines().next().unwrap_or_default();
        let once = message::folded(line, false);
        if once.chars().count() < MAX_MESSAGE {
            prop_assert_eq!(message::folded(&once, false), once);
        }
    }

    /// Numbers, lines and hosts are of one time.
    #[test]
    fn what_a_release_moves_is_the_same_issue(a in 1_u32..99_999, b in 1_u32..99_999, name in "[a-z]{1,9}") {
        let at = |n: u32| of(
            &format!("Error: {name} of {n} failed"),
            &format!("at {name} (https://h{n}.example/assets/{name}.js?v={n}:{n}:{n})"),
        );
        prop_assert_eq!(at(a), at(b));
    }
}

fn any_words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "at ",
        "async ",
        "pay",
        "@",
        "(",
        ")",
        ":",
        "1",
        "17",
        "https://s/",
        ".js",
        "\n",
        "'",
        "\"",
        "`",
        "File \"",
        "\", line ",
        ", in ",
        ":in ",
        "#0 ",
        "Error",
        ": ",
        "<",
        "eval at ",
        "•••••",
        "\u{2063}",
        " is not a function",
        "undefined",
        " is not an object (evaluating '",
        "')",
        "can't access property ",
        "Cannot read properties of ",
        "ä",
        "0x",
        "deadbeef",
        "-",
        "_",
        " ",
        "Uncaught ",
        ".",
        ",",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}
