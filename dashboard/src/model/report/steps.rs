//! Steps of funnels and goals, as people read and write them.

use sentiero_core::analytics::report::{MAX_STEPS, Step};

/// Kinds of steps: the word in addresses, the name, and what a value looks like.
pub const KINDS: [(&str, &str, &str); 4] = [
    ("page", "Page", "/checkout"),
    ("event", "Custom event", "purchase"),
    ("click", "Click on", "button#buy"),
    ("error", "Error", "any, or its message"),
];

/// How a step reads: `Page /checkout`.
pub fn said(step: &Step) -> String {
    match step {
        Step::Page(page) => format!("Page {page}"),
        Step::Event(tag) => format!("Event {tag}"),
        Step::Click(target) => format!("Click on {target}"),
        Step::Error(message) if message.is_empty() => "Any error".to_owned(),
        Step::Error(message) => format!("Error “{message}”"),
    }
}

/// The same of a step as it stands in an address; as it is, if it is none.
pub fn said_of(written: &str) -> String {
    Step::parse("step", written).map_or_else(|_| written.to_owned(), |step| said(&step))
}

/// A step that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// One of [`KINDS`].
    pub kind: &'static str,
    /// What is typed.
    pub text: String,
}

impl Draft {
    /// An empty one of a kind.
    pub fn new(kind: &str) -> Self {
        let known = KINDS.iter().find(|(word, ..)| *word == kind);
        Self {
            kind: known.map_or("page", |(word, ..)| word),
            text: String::new(),
        }
    }

    /// To change `step`.
    pub fn of(step: &Step) -> Self {
        let (kind, text) = match step {
            Step::Page(text) => ("page", text),
            Step::Event(text) => ("event", text),
            Step::Click(text) => ("click", text),
            Step::Error(text) => ("error", text),
        };
        Self {
            kind,
            text: text.clone(),
        }
    }

    /// The step, if it is complete; else what is missing.
    pub fn step(&self) -> Result<Step, String> {
        let text = self.text.trim();
        match (self.kind, text) {
            ("error", _) => Ok(Step::Error(text.to_owned())),
            ("page", "") => Err("Say which page, like /checkout.".to_owned()),
            ("event", "") => Err("Say which event, as the page calls it.".to_owned()),
            (_, "") => Err("Say which element, as the report of its page names it.".to_owned()),
            (kind, text) => {
                Step::parse("step", &format!("{kind}:{text}")).map_err(|error| error.reason.clone())
            }
        }
    }
}

/// The steps of a funnel, if it can be asked; else the place of the step that is wrong, and
/// why.
pub fn steps(drafts: &[Draft]) -> Result<Vec<Step>, (usize, String)> {
    if drafts.len() > MAX_STEPS {
        return Err((
            MAX_STEPS,
            format!("A funnel has at most {MAX_STEPS} steps."),
        ));
    }
    let steps = drafts.iter().enumerate();
    let steps = steps.map(|(place, draft)| draft.step().map_err(|wrong| (place, wrong)));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    if steps.len() < 2 {
        return Err((steps.len(), "A funnel has two steps or more.".to_owned()));
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_written_and_read() {
        for (written, text) in [
            ("page:/checkout", "Page /checkout"),
            ("event:purchase", "Event purchase"),
            ("click:button#buy", "Click on button#buy"),
            ("error", "Any error"),
            ("error:boom", "Error “boom”"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(said_of(written), text);
            if let Ok(step) = Step::parse("step", written) {
                assert_eq!(Draft::of(&step).step(), Ok(step));
            }
        }
    }

    #[test]
    fn what_is_missing_is_said_where_it_is() {
        let draft = |kind, text: &str| Draft {
            text: text.to_owned(),
            ..Draft::new(kind)
        };
        assert_eq!(steps(&[]).unwrap_err().0, 0);
        assert_eq!(steps(&[draft("page", "/")]).unwrap_err().0, 1);
        let (place, wrong) = steps(&[draft("page", "/"), draft("event", " ")]).unwrap_err();
        assert!(place == 1 && wrong.contains("event"), "{wrong}");
        assert_eq!(
            steps(&[draft("page", "/a"), draft("error", "")])
                .unwrap()
                .len(),
            2
        );
        let all = vec![draft("error", ""); MAX_STEPS];
        assert_eq!(steps(&all).map(|steps| steps.len()), Ok(MAX_STEPS));
        assert!(steps(&[all, vec![draft("error", "")]].concat()).is_err());
        assert_eq!(Draft::new("no such kind").kind, "page");
    }
}
