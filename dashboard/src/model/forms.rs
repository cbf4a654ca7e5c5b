//! How the visitor filled in forms: which fields, in which order, how often, how
//! long. Never what was entered.

use crate::model::activity::Row;
use crate::model::pack::pack_fields;
use sentiero_core::id::Millis;

/// The way to the next field is told up to this, ms; longer, it was a pause.
const NEXT: Millis = 5_000;
/// Touches that are kept.
const MOST: usize = 20_000;

/// A field was touched, once or several times without another one between.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Touch {
    index: u32,
    from: Millis,
    to: Millis,
    node: u32,
    form: Option<u32>,
    name: String,
}

/// A form was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    at: Millis,
    name: String,
}

/// What was read so far.
#[derive(Clone, Debug, Default)]
pub struct Forms {
    touches: Vec<Touch>,
    sent: Vec<Sent>,
}

/// A form, or the fields outside of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its fields in the order in which they were first touched.
    pub fields: Vec<Field>,
    /// When forms were sent after it was begun, and before another one was.
    pub sent: Vec<Millis>,
    /// Its fields are inside of no form.
    pub loose: bool,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What it is called.
    pub name: String,
    /// When it was first touched.
    pub at: Millis,
    /// How long it was worked on, ms, all times together.
    pub spent: Millis,
    /// How often the visitor came back to it from another field.
    pub refills: u32,
    /// From its last touch to the next field's, ms; none if that was a pause, or
    /// there was none.
    pub next: Option<Millis>,
}

impl Forms {
    /// The visitor changed the field `node`, which is called `name`, in `form`.
    pub fn touched(&mut self, at: Millis, index: u32, node: u32, form: Option<u32>, name: &str) {
        if self.touches.len() < MOST {
            self.touches.push(Touch {
                index,
                from: at,
                to: at,
                node,
                form,
                name: name.to_owned(),
            });
        }
    }

    /// A form was sent.
    pub fn sent(&mut self, at: Millis, name: &str) {
        if self.sent.len() < MOST {
            self.sent.push(Sent {
                at,
                name: name.to_owned(),
            });
        }
    }

    /// The forms, in the order in which they were begun.
    pub fn forms(&self) -> Vec<Form> {
        let mut touches = self.touches.clone();
        touches.sort_by_key(|touch| (touch.from, touch.index));
        touches.dedup_by(|touch, last| {
            let same = touch.node == last.node && touch.form == last.form;
            if same {
                last.to = touch.to;
            }
            same
        });
        let mut order: Vec<Option<u32>> = Vec::new();
        for touch in &touches {
            if !order.contains(&touch.form) {
                order.push(touch.form);
            }
        }
        let mut forms: Vec<Form> = order.iter().map(|form| fields(*form, &touches)).collect();
        for sent in &self.sent {
            // The form that was worked on last is the one that was sent.
            let last = touches.iter().rfind(|touch| touch.from <= sent.at);
            let place = last.and_then(|touch| order.iter().position(|form| *form == touch.form));
            if let Some(form) = place.and_then(|place| forms.get_mut(place)) {
                form.sent.push(sent.at);
            }
        }
        forms
    }

    /// What the rows of inputs can say besides: the field's place in its form.
    pub fn describe(&self, rows: &mut [Row]) {
        let forms = self.forms();
        let fields = forms.iter().flat_map(|form| {
            let count = form.fields.len();
            (1..)
                .zip(&form.fields)
                .map(move |(place, field)| (field, place, count))
        });
        for (field, place, count) in fields {
            let row = rows.iter_mut().find(|row| {
                row.kind == super::activity::Kind::Input
                    && row.at <= field.at
                    && field.at <= row.until
            });
            if let Some(row) = row.filter(|_| count > 1) {
                row.detail = format!("Field {place} of {count}");
            }
        }
    }
}

pack_fields!(Form {
    fields,
    sent,
    loose
});
pack_fields!(Field {
    name,
    at,
    spent,
    refills,
    next
});

fn fields(form: Option<u32>, touches: &[Touch]) -> Form {
    let mut nodes: Vec<u32> = Vec::new();
    let mut fields: Vec<Field> = Vec::new();
    for (place, touch) in touches.iter().enumerate() {
        if touch.form != form {
            continue;
        }
        let next = touches.get(place + 1).filter(|next| next.form == form);
        let next = next
            .map(|next| next.from.saturating_sub(touch.to))
            .filter(|way| *way <= NEXT);
        let spent = touch.to.saturating_sub(touch.from);
        let known = nodes.iter().position(|node| *node == touch.node);
        if let Some(field) = known.and_then(|known| fields.get_mut(known)) {
            field.refills += 1;
            field.spent += spent;
            field.next = next;
        } else {
            nodes.push(touch.node);
            fields.push(Field {
                name: touch.name.clone(),
                at: touch.from,
                spent,
                refills: 0,
                next,
            });
        }
    }
    Form {
        fields,
        sent: Vec::new(),
        loose: form.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(touches: &[(Millis, u32, Option<u32>)], sent: &[Millis]) -> Vec<String> {
        let mut forms = Forms::default();
        // In any order.
        for (index, (at, node, form)) in touches.iter().enumerate().rev() {
            let index = u32::try_from(index).unwrap();
            forms.touched(*at, index, *node, *form, &format!("f{node}"));
        }
        for at in sent {
            forms.sent(*at, "");
        }
        let field = |field: &Field| {
            format!(
                "{} {}+{} ×{} →{:?}",
                field.name, field.at, field.spent, field.refills, field.next
            )
        };
        let form = |form: &Form| {
            let fields: Vec<_> = form.fields.iter().map(field).collect();
            format!("{} {:?} {}", fields.join(", "), form.sent, form.loose)
        };
        forms.forms().iter().map(form).collect()
    }

    #[test]
    fn fields_in_the_order_of_their_first_touch() {
        assert_eq!(
            forms(
                &[
                    (10, 2, Some(1)),
                    (400, 2, Some(1)),
                    (900, 3, Some(1)),
                    (7_000, 2, Some(1)),
                    (7_500, 4, Some(1))
                ],
                &[8_000],
            ),
            ["f2 10+390 ×1 →Some(500), f3 900+0 ×0 →None, f4 7500+0 ×0 →None [8000] false"]
        );
    }

    #[test]
    fn forms_are_kept_apart() {
        assert_eq!(
            forms(
                &[(1, 2, Some(1)), (5, 9, None), (9, 3, Some(1))],
                &[0, 6, 20]
            ),
            [
                "f2 1+0 ×0 →None, f3 9+0 ×0 →None [20] false",
                "f9 5+0 ×0 →None [6] true"
            ]
        );
    }
}
