//! Flags of a command: declared as a list, everything else is an error.

use anyhow::{Context as _, Result, bail};

/// What a command accepts.
pub(crate) struct Spec {
    /// Command name, for error messages.
    pub(crate) command: &'static str,
    /// Flags without a value.
    pub(crate) switches: &'static [&'static str],
    /// Flags with a value, as `--flag value` or `--flag=value`.
    pub(crate) options: &'static [&'static str],
}

/// Parsed flags of one call.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    switches: Vec<String>,
    options: Vec<(String, String)>,
}

impl Spec {
    /// Parses `arguments`; an unknown flag, a missing value or a stray word is an error.
    pub(crate) fn parse(&self, arguments: &[String]) -> Result<Flags> {
        let mut flags = Flags::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            if self.options.contains(&name) {
                let value = inline.or_else(|| rest.next().cloned());
                let value = value.with_context(|| format!("{name} needs a value"))?;
                flags.options.push((name.to_owned(), value));
            } else if self.switches.contains(&name) && inline.is_none() {
                flags.switches.push(name.to_owned());
            } else {
                bail!("{}", self.unknown(argument));
            }
        }
        Ok(flags)
    }

    /// Parses `arguments` of a command that also takes words: those without a dash in front.
    pub(crate) fn parse_words(&self, arguments: &[String]) -> Result<(Vec<String>, Flags)> {
        let mut words = Vec::new();
        let mut flags = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if !argument.starts_with("--") {
                words.push(argument.clone());
                continue;
            }
            flags.push(argument.clone());
            // The next one is this flag's value, whatever it looks like.
            if self.options.contains(&argument.as_str()) {
                flags.extend(rest.next().cloned());
            }
        }
        Ok((words, self.parse(&flags)?))
    }

    fn unknown(&self, argument: &str) -> String {
        let known: Vec<&str> = [self.options, self.switches].concat();
        let command = self.command;
        if known.is_empty() {
            return format!("`cargo xtask {command}` takes no flags, not `{argument}`");
        }
        let known = known.join(", ");
        format!("`cargo xtask {command}` does not know `{argument}`; it knows {known}")
    }
}

impl Flags {
    /// Was `--name` given?
    pub(crate) fn has(&self, name: &str) -> bool {
        self.switches.iter().any(|switch| switch == name)
    }

    /// Every value of `--name`, in order.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let given = self.options.iter();
        given
            .filter(move |(option, _)| option == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of `--name`; the last one wins.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let mut given = self.options.iter().rev();
        given
            .find(|(option, _)| option == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        command: "dev",
        switches: &["--no-open"],
        options: &["--port"],
    };

    fn parse(arguments: &[&str]) -> Result<Flags> {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        SPEC.parse(&arguments)
    }

    #[test]
    fn reads_switches_and_both_forms_of_values() {
        let flags = parse(&["--no-open", "--port", "1", "--port=2"]).unwrap();
        assert!(flags.has("--no-open"));
        assert_eq!(flags.value("--port"), Some("2"));
        assert_eq!(flags.value("--api"), None);
    }

    #[test]
    fn takes_words_between_flags() {
        let arguments: Vec<String> = ["set", "--port", "1", "a=--b", "--no-open", "--port=--2"]
            .iter()
            .map(ToString::to_string)
            .collect();
        let (words, flags) = SPEC.parse_words(&arguments).unwrap();
        assert_eq!(words, ["set", "a=--b"]);
        assert!(flags.has("--no-open"));
        assert_eq!(flags.values("--port").collect::<Vec<_>>(), ["1", "--2"]);
        assert!(SPEC.parse_words(&["--prot".to_owned()]).is_err());
        assert!(SPEC.parse_words(&["--port".to_owned()]).is_err());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let cases = [
            (vec!["--prot", "1"], "does not know `--prot`"),
            (vec!["stray"], "does not know `stray`"),
            (vec!["--no-open=1"], "does not know `--no-open=1`"),
            (vec!["--port"], "--port needs a value"),
        ];
        for (arguments, expected) in cases {
            let error = parse(&arguments).unwrap_err().to_string();
            assert!(error.contains(expected), "{arguments:?}: {error}");
        }
    }
}
