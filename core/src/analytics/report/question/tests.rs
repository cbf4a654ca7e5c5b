use super::*;

fn take(name: &str, query: &str) -> Result<(Question, Pairs), FieldError> {
    Question::take(name, query::pairs(query)?)
}

#[test]
fn questions_are_read_beside_a_filter() {
    let (question, rest) = take("pages", "country=DE&top=5&url=x").unwrap();
    assert_eq!(
        question,
        Question::Pages {
            top: Limit(Some(5))
        }
    );
    let rest: Vec<_> = rest.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(rest, ["country", "url"]);
}

#[test]
fn a_wrong_question_is_refused_by_its_parameter() {
    for (name, query, field) in [
        ("page_views", "", "report"),
        ("pages", "top=0", "top"),
        ("pages", "top=10001", "top"),
        ("pages", "top=-1", "top"),
        ("pages", "top=1&top=2", "top"),
        ("heatmap", "", "page"),
        ("heatmap", "page=", "page"),
        ("heatmap", "page=/a&page=/b", "page"),
        ("heatmap", "page=/a&kind=scroll", "kind"),
        ("heatmap", "page=/a&on=watch", "on"),
        ("overview", "every=month", "every"),
    ] {
        assert_eq!(take(name, query).unwrap_err().field, field, "{query}");
    }
    assert!(take("pages", "top=10000").is_ok());
}

#[test]
fn a_page_is_asked_for_by_an_address_too() {
    let (question, _) = take("heatmap", "page=https%3A%2F%2Fs%2Forders%2F17%3Fa").unwrap();
    let Question::Heatmap(asked) = question else {
        panic!("{question:?}")
    };
    assert_eq!((&*asked.page, asked.on), ("s/orders/:id", Device::Desktop));
}

#[test]
fn what_is_written_is_read() {
    for (name, query) in [
        ("pages", ""),
        ("pages", "top=7"),
        ("frustration", "top=7"),
        ("scroll", "top=7"),
        ("heatmap", "page=s%2Fa&kind=move&on=tablet&top=7"),
        ("overview", "every=week&top=7"),
    ] {
        let (question, rest) = take(name, query).unwrap();
        assert_eq!((question.name(), question.to_query()), (name, query.into()));
        assert_eq!(rest, []);
        let report = question.report(&Routes::default());
        let written = serde_json::to_vec(&report).unwrap();
        let read: crate::analytics::report::AnyReport = serde_json::from_slice(&written).unwrap();
        let mut merged = report.clone();
        merged.merge(read).unwrap();
        assert_eq!(merged.answer(), report.answer());
        assert!(Question::NAMES.contains(&name));
    }
}
