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
        ("page", "", "page"),
        ("page", "page=", "page"),
        ("page", "page=/a&top=0", "top"),
        ("heatmap", "", "page"),
        ("heatmap", "page=", "page"),
        ("heatmap", "page=/a&page=/b", "page"),
        ("heatmap", "page=/a&kind=scroll", "kind"),
        ("heatmap", "page=/a&on=watch", "on"),
        ("overview", "every=month", "every"),
        ("funnel", "step=event:a", "step"),
        ("funnel", "step=event:a&step=b", "step"),
        ("funnel", "step=event:a&step=event:", "step"),
        ("funnel", "step=event:a&step=tag:b", "step"),
        ("funnel", "step=event:a&step=error&within=0", "within"),
        ("funnel", "step=event:a&step=error&within=86401", "within"),
        ("conversions", "", "goal"),
        ("conversions", "goal=paid", "goal"),
        ("paths", "depth=0", "depth"),
        ("paths", "depth=13", "depth"),
        ("errors", "top=0", "top"),
        ("issue", "", "issue"),
        ("issue", "issue=A1", "issue"),
        ("issue", "issue=00000000000000A1", "issue"),
        ("issue", "issue=+0000000000000a1", "issue"),
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
        ("page", "page=s%2Fa&top=7"),
        ("frustration", "top=7"),
        ("scroll", "top=7"),
        ("heatmap", "page=s%2Fa&kind=move&on=tablet&top=7"),
        ("overview", "every=week&top=7"),
        (
            "funnel",
            "step=event%3Aa%3Ab&step=page%3A%2Fa&step=error&within=86400",
        ),
        ("funnel", "step=click%3Abuy&step=error%3AFailed"),
        ("vitals", "top=7"),
        ("events", ""),
        ("events", "top=7"),
        ("events", "tag=add+to%2Fcart&top=7"),
        ("conversions", "goal=event%3Apaid&top=7"),
        ("forms", "top=7"),
        ("engagement", "top=7"),
        ("paths", "page=s%2Fa&depth=12&top=7"),
        ("paths", "depth=1"),
        ("retention", ""),
        ("metadata", "top=7"),
        ("errors", "top=7"),
        ("issue", "issue=00000000000000a1&top=7"),
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

#[test]
fn a_funnel_has_as_many_steps_as_it_may() {
    let steps = |count: usize| take("funnel", &vec!["step=error"; count].join("&"));
    assert!(steps(MAX_STEPS).is_ok());
    assert_eq!(steps(MAX_STEPS + 1).unwrap_err().field, "step");
}
