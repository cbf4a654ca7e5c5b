//! `cargo xtask cost`: what a month costs, by the model in `core::cost`.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use sentiero_core::cost::{self, BATCH_BYTES, BATCHES, PRICES_OF, Workload};

use crate::args::{Flags, Spec};

const SPEC: Spec = Spec {
    command: "cost",
    switches: &[],
    options: &[
        "--sessions",
        "--batches-per-session",
        "--bytes-per-batch",
        "--retention-days",
    ],
};

/// The sizes of the table.
const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

/// A size is asked for up to this: more than Cloudflare would bill by these prices.
const MOST: u64 = 1_000_000_000_000;

pub(crate) fn command(arguments: &[String]) -> Result<ExitCode> {
    let flags = SPEC.parse(arguments)?;
    let usual = Workload {
        batches: number(&flags, "--batches-per-session", BATCHES)?,
        batch_bytes: number(&flags, "--bytes-per-batch", BATCH_BYTES)?,
        retention_days: number(&flags, "--retention-days", 30)?,
        ..Workload::of(0)
    };
    let text = match flags.value("--sessions") {
        Some(_) => itemised(&Workload {
            sessions: number(&flags, "--sessions", 0)?,
            ..usual
        }),
        None => table(&usual),
    };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn number(flags: &Flags, name: &str, default: u64) -> Result<u64> {
    let Some(text) = flags.value(name) else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|number| (1..=MOST).contains(number))
        .with_context(|| format!("{name} takes a number from 1 to {MOST}, not `{text}`"))
}

fn heading(work: &Workload) -> String {
    let Workload {
        batches,
        batch_bytes,
        retention_days,
        ..
    } = work;
    format!(
        "Cloudflare's paid plan, prices of {PRICES_OF}; {batches} batches of {batch_bytes} bytes a session, \
         kept for {retention_days} days.\n\n"
    )
}

/// Every line of the bill.
fn itemised(work: &Workload) -> String {
    let bill = cost::bill(work);
    let lines: String = bill
        .iter()
        .map(|line| {
            let (service, unit) = (line.price.service, line.price.unit);
            let (units, included) = (grouped(line.units), grouped(line.price.included));
            let billed = dollars(line.billed());
            format!("| {service} | {unit} | {units} | {included} | {billed} |\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let (plan, sessions) = (dollars(cost::BASE), grouped(work.sessions));
    let (total, full) = (dollars(cost::total(&bill)), dollars(cost::full(&bill)));
    let heading = heading(work);
    format!(
        "{heading}| service | unit | a month | included | to pay |\n|---|---|--:|--:|--:|\n{lines}\
         | the plan | | | | {plan} |\n\n\
         {sessions} sessions cost {total} a month; {full} more where the allowances are used up.\n"
    )
}

/// The sum for some sizes.
fn table(work: &Workload) -> String {
    let lines = SIZES.map(|sessions| {
        let bill = cost::bill(&Workload { sessions, ..*work });
        let (total, full) = (dollars(cost::total(&bill)), dollars(cost::full(&bill)));
        format!("| {} | {total} | {full} |\n", grouped(sessions))
    });
    let (heading, lines) = (heading(work), lines.concat());
    format!("{heading}| sessions a month | to pay | without allowances |\n|--:|--:|--:|\n{lines}")
}

/// Millionths of a dollar, to the cent.
fn dollars(millionths: u64) -> String {
    let cents = millionths.div_ceil(10_000);
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// A number with a thin gap at every third digit.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(dollars(0), "$0.00");
        assert_eq!(dollars(5_000_000), "$5.00");
        assert_eq!(dollars(1_234_567_890), "$1 234.57");
        assert_eq!(dollars(1), "$0.01", "rounded up, as a bill is");
    }

    #[test]
    fn every_line_and_the_sum_are_shown() {
        let text = itemised(&Workload::of(1_000_000));
        assert!(
            text.contains("| Workers | requests | 20 090 000 | 10 000 000 | $3.03 |"),
            "{text}"
        );
        assert!(
            text.contains("1 000 000 sessions cost $17.57 a month; $59.02 more"),
            "{text}"
        );
        let text = table(&Workload::of(0));
        assert!(text.contains("| 1 000 000 | $17.57 | $59.02 |"), "{text}");
        assert!(text.contains("| 10 000 | $5.00 |"), "{text}");
    }

    /// The page shows what the command prints.
    #[test]
    fn the_table_in_the_docs_is_the_commands() {
        let page = include_str!("../../docs/operations.md");
        for printed in [table(&Workload::of(0)), itemised(&Workload::of(1_000_000))] {
            for line in printed.lines().filter(|line| line.starts_with('|')) {
                assert!(page.contains(line), "docs/operations.md lacks: {line}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for wrong in ["0", "-1", "x", "1.5", "1000000000001"] {
            let arguments = ["--sessions".to_owned(), wrong.to_owned()];
            let error = command(&arguments).unwrap_err().to_string();
            assert!(error.contains("--sessions"), "{error}");
        }
    }
}
