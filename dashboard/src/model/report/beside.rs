//! What stands beside the overview: panels that other reports answer, so that the overview
//! itself reads no more of sessions than it did without them.

use super::table::Panel;
use super::{Asking, Name, events, metadata};
use crate::model::listing::Moment;
use sentiero_core::analytics::report::events::Asked;
use sentiero_core::analytics::report::{Answer, Limit, Question};

/// So many rows of each are asked for.
const TOP: Limit = Limit(Some(5));

/// The reports that stand beside `asking`: none beside any but the overview, and none where
/// two segments stand side by side.
pub fn names(asking: &Asking) -> &'static [Name] {
    if asking.name != Name::Overview || asking.against.is_some() {
        return &[];
    }
    &[Name::Events, Name::Metadata]
}

/// They, and what they are asked at `moment`.
pub fn asked(asking: &Asking, moment: Moment) -> Vec<(Name, String)> {
    let asks = |name: &Name| {
        let question = match name {
            Name::Metadata => Question::Metadata { top: TOP },
            _ => Question::Events(Asked {
                tag: None,
                top: TOP,
            }),
        };
        let query = asking.turn(*name).asks(question).request(moment)?;
        Some((*name, query))
    };
    names(asking).iter().filter_map(asks).collect()
}

/// What is shown of such an answer.
pub fn panel(answer: &Answer) -> Option<Panel> {
    let (title, panel) = match answer {
        Answer::Events(answer) => (Name::Events.title(), events::all(answer)),
        Answer::Metadata(answer) => (Name::Metadata.title(), metadata::values(answer)),
        _ => return None,
    };
    Some(Panel {
        title: title.to_owned(),
        is_half: true,
        ..panel
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::listing::Listing;
    use crate::model::report::asking::tests::MOMENT;
    use sentiero_core::analytics::report::{events, metadata, retention};

    #[test]
    fn the_overview_asks_others_about_the_same_sessions() {
        let overview = Asking::parse(Name::Overview, "every=week&country=DE");
        assert_eq!(
            asked(&overview, MOMENT),
            [
                (Name::Events, "top=5&country=DE".to_owned()),
                (Name::Metadata, "top=5&country=DE".to_owned())
            ]
        );
        let compared = overview.compared(Some(Listing::default()));
        assert_eq!(asked(&compared, MOMENT), []);
        assert_eq!(asked(&overview.turn(Name::Pages), MOMENT), []);
    }

    #[test]
    fn each_is_a_panel_of_its_reports_name() {
        for (answer, title) in [
            (Answer::Events(events::Answer::default()), "Custom events"),
            (Answer::Metadata(metadata::Answer::default()), "Metadata"),
        ] {
            let panel = panel(&answer).unwrap();
            assert_eq!((panel.title.as_str(), panel.is_half), (title, true));
        }
        assert_eq!(
            panel(&Answer::Retention(retention::Answer::default())),
            None
        );
    }
}
