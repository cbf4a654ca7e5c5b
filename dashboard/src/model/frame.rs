//! The messages that the isolated frame may send. It shows untrusted
//! recordings, so each message is checked, and what is not on this list is
//! nothing.

use sentiero_core::id::Millis;
use sentiero_core::json::{self, Reader, Token};
use serde::Serialize;

/// No message is longer than this, bytes.
const LONGEST: usize = 4_096;

/// What the frame says.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// It plays and is at this instant.
    Time {
        /// The command that it follows.
        turn: u32,
        /// ms since the epoch, fractions allowed.
        at: f64,
    },
    /// It played the last event that it has.
    Ended {
        /// The command that it follows.
        turn: u32,
    },
    /// The recorded viewport.
    Resize {
        /// CSS pixels.
        width: u32,
        /// CSS pixels.
        height: u32,
    },
    /// What many sessions did was drawn over the page.
    Over(Drawn),
    /// The page as it was is shown.
    Shown,
    /// It has taken events that it was given, and what it shows was painted since.
    Taken,
    /// Something could not be replayed.
    Error {
        /// For the console, not for people.
        text: String,
    },
}

/// What became of [`Command::Over`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The page, CSS pixels.
    pub width: u32,
    /// The same, to its end.
    pub height: u32,
    /// How much is on the one element of its name.
    pub anchored: u64,
    /// How much is spread over several elements of one name.
    pub spread: u64,
    /// How much is on elements that are not there.
    pub lost: u64,
}

impl Message {
    /// Reads what came through the port.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() > LONGEST || !well_formed(text) {
            return None;
        }
        let field = |key| json::get(text, key);
        let whole =
            |key| field(key).and_then(|raw| core::str::from_utf8(raw).ok()?.parse::<u32>().ok());
        let said = |key| {
            field(key)
                .and_then(json::string)
                .map(std::borrow::Cow::into_owned)
        };
        let (message, fields) = match said("is")?.as_str() {
            "time" => (
                Self::Time {
                    turn: whole("turn")?,
                    at: field("at").and_then(json::number)?,
                },
                3,
            ),
            "ended" => (
                Self::Ended {
                    turn: whole("turn")?,
                },
                2,
            ),
            "resize" => (
                Self::Resize {
                    width: whole("width")?,
                    height: whole("height")?,
                },
                3,
            ),
            "over" => (
                Self::Over(Drawn {
                    width: whole("width")?,
                    height: whole("height")?,
                    anchored: whole("anchored")?.into(),
                    spread: whole("spread")?.into(),
                    lost: whole("lost")?.into(),
                }),
                6,
            ),
            "shown" => (Self::Shown, 1),
            "taken" => (Self::Taken, 1),
            "error" => (
                Self::Error {
                    text: said("text")?,
                },
                2,
            ),
            _ => return None,
        };
        (json::fields(text).count() == fields).then_some(message)
    }
}

/// The field functions of [`json`] expect nothing else.
fn well_formed(text: &[u8]) -> bool {
    let Ok(mut reader) = Reader::new(text) else {
        return false;
    };
    loop {
        match reader.next() {
            Ok(Token::End) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

/// What the dashboard says to the frame; the events travel beside it as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub enum Command {
    /// Forget what was, take these events, and obey.
    Load {
        /// Counts the commands.
        turn: u32,
        /// Where to be.
        at: Millis,
        /// Play from there.
        playing: bool,
        /// How fast, percent.
        speed: u16,
    },
    /// More events at the end.
    Append,
    /// Stop where it is.
    Halt,
    /// Show these clicks over the page, and how far down it was seen.
    Heat {
        /// For each: the element, what it is (0 a click, 1 dead, 2 rage), of how many
        /// in one place, whether what follows is in the element (1, in ten thousandths)
        /// or in the document (0, px), x, y, when.
        dots: Vec<[u64; 7]>,
        /// The lower edge of what was seen, px from the top; 0: unknown.
        bottom: u64,
        /// The lower edge of the first screen; 0: unknown.
        fold: u64,
    },
    /// Draw this over the whole page.
    Over(Over),
    /// Be there.
    Go {
        /// Counts the commands.
        turn: u32,
        /// Where to be.
        at: Millis,
        /// Play from there.
        playing: bool,
        /// How fast, percent.
        speed: u16,
    },
}

/// What many sessions did on a page; js/over.ts draws it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Over {
    /// For each element its name, and where in it (ten thousandths of its width and height)
    /// there was how much.
    pub targets: Vec<(String, Vec<[u64; 3]>)>,
    /// Of places on the page: left and width (ten thousandths of the window's), top and height
    /// (px from the page's top), and how much there was.
    pub cells: Vec<[u64; 5]>,
    /// Cells are as wide as the page.
    pub rows: bool,
}

impl Command {
    /// Shows no clicks.
    pub fn no_heat() -> Self {
        Self::Heat {
            dots: Vec::new(),
            bottom: 0,
            fold: 0,
        }
    }

    /// As the frame reads it.
    pub fn text(&self) -> String {
        // Numbers and booleans always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_on_the_list() {
        for (text, message) in [
            (
                r#"{"is":"time","turn":3,"at":12.5}"#,
                Message::Time { turn: 3, at: 12.5 },
            ),
            (r#"{"is":"ended","turn":3}"#, Message::Ended { turn: 3 }),
            (
                r#"{"is":"resize","width":10,"height":20}"#,
                Message::Resize {
                    width: 10,
                    height: 20,
                },
            ),
            (
                r#"{"is":"over","width":10,"height":20,"anchored":3,"spread":2,"lost":1}"#,
                Message::Over(Drawn {
                    width: 10,
                    height: 20,
                    anchored: 3,
                    spread: 2,
                    lost: 1,
                }),
            ),
            (r#"{"is":"shown"}"#, Message::Shown),
            (r#"{"is":"taken"}"#, Message::Taken),
            (
                r#"{"is":"error","text":"x"}"#,
                Message::Error { text: "x".into() },
            ),
        ] {
            assert_eq!(Message::read(text), Some(message));
        }
    }

    #[test]
    fn refuses_everything_else() {
        let long = format!(r#"{{"is":"error","text":"{}"}}"#, "x".repeat(5_000));
        for text in [
            "",
            "null",
            r#"{"is":"load"}"#,
            r#"{"is":"time","turn":3}"#,
            r#"{"is":"time","turn":-3,"at":1}"#,
            r#"{"is":"time","turn":3,"at":"1"}"#,
            r#"{"is":"ended","turn":3,"more":1}"#,
            r#"{"is":"over","width":10,"height":20,"anchored":3,"spread":2}"#,
            r#"{"is":"over","width":10,"height":20,"anchored":3,"spread":2,"lost":-1}"#,
            &long,
        ] {
            assert_eq!(Message::read(text), None, "{text}");
        }
    }

    #[test]
    fn writes_commands() {
        let go = Command::Go {
            turn: 1,
            at: 2,
            playing: true,
            speed: 4,
        };
        assert_eq!(
            go.text(),
            r#"{"do":"go","turn":1,"at":2,"playing":true,"speed":4}"#
        );
        assert_eq!(
            Command::no_heat().text(),
            r#"{"do":"heat","dots":[],"bottom":0,"fold":0}"#
        );
        assert_eq!(Command::Append.text(), r#"{"do":"append"}"#);
        let over = Over {
            targets: vec![("a#b".to_owned(), vec![[1, 2, 3]])],
            cells: vec![[0, 10_000, 25, 50, 4]],
            rows: true,
        };
        assert_eq!(
            Command::Over(over).text(),
            r#"{"do":"over","targets":[["a#b",[[1,2,3]]]],"cells":[[0,10000,25,50,4]],"rows":true}"#
        );
    }
}
