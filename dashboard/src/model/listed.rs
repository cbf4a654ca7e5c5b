//! The session list as a file that arrives: how many sessions are in it so far.
//!
//! What it says is the edge's ([`sentiero_core::listing::file`]); nothing of it is kept here.

use sentiero_core::listing::file::Form;

/// Counts the sessions of a file, of which pieces come that may end anywhere.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    form: Form,
    /// Inside of a field of CSV that is quoted, which may hold line ends.
    quoted: bool,
    lines: u64,
}

impl Count {
    /// Of a file of which nothing has come.
    pub fn new(form: Form) -> Self {
        Self {
            form,
            quoted: false,
            lines: 0,
        }
    }

    /// The next piece has come.
    pub fn add(&mut self, piece: &[u8]) {
        for byte in piece {
            match byte {
                b'"' if self.form == Form::Csv => self.quoted = !self.quoted,
                b'\n' if !self.quoted => self.lines += 1,
                _ => {}
            }
        }
    }

    /// How many sessions that were.
    pub fn sessions(&self) -> u64 {
        match self.form {
            Form::Ndjson => self.lines,
            // The first line says what the columns are.
            Form::Csv => self.lines.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::feed::tests::row;
    use proptest::prelude::*;
    use sentiero_core::api::SessionRow;

    #[test]
    fn nothing_is_nobody() {
        for form in [Form::Csv, Form::Ndjson] {
            let mut count = Count::new(form);
            assert_eq!(count.sessions(), 0);
            count.add(form.head().as_bytes());
            assert_eq!(count.sessions(), 0);
        }
    }

    proptest! {
        #[test]
        fn a_session_is_one_wherever_pieces_end(
            names in prop::collection::vec("(\r|\n|,|\"|a|ä){0,6}", 0..5),
            size in 1usize..50,
            csv: bool,
        ) {
            let form = if csv { Form::Csv } else { Form::Ndjson };
            let mut text = form.head();
            for name in &names {
                let row = SessionRow { entry: name.clone(), users: vec![name.clone()], ..row(7, 1) };
                form.write(&row, &mut text).unwrap();
            }
            let mut count = Count::new(form);
            for piece in text.as_bytes().chunks(size) {
                count.add(piece);
            }
            prop_assert_eq!(count.sessions(), u64::try_from(names.len()).unwrap());
        }
    }
}
