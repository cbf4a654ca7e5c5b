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
    ] {
        assert_eq!(take(name, query).unwrap_err().field, field, "{query}");
    }
    assert!(take("pages", "top=10000").is_ok());
}

#[test]
fn what_is_written_is_read() {
    for (name, query) in [("pages", ""), ("pages", "top=7")] {
        let (question, rest) = take(name, query).unwrap();
        assert_eq!((question.name(), question.to_query()), (name, query.into()));
        assert_eq!(rest, []);
    }
}
