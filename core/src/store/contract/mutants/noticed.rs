//! Which property notices what is wrong: the one that a flaw is about, of all that it fails.

use super::{Flaw, run};

/// Of each suite, a flaw and the property.
const NOTICED: [(&str, &[(Flaw, &str)]); 6] = [
    (
        "recordings",
        &[
            (Flaw::Sites, "sites_do_not_see_each_other"),
            (
                Flaw::FirstPage,
                "more_chunks_than_a_page_are_listed_and_removed",
            ),
            (Flaw::NoSizes, "the_same_chunk_twice_is_one"),
            (Flaw::ShortPart, "a_part_past_the_end_is_none"),
            (Flaw::KeepsFirst, "the_same_chunk_twice_is_one"),
            (Flaw::KeepsAll, "what_is_removed_is_gone_and_nothing_else"),
            (Flaw::Cuts, "a_chunk_comes_back_byte_for_byte"),
            (Flaw::UnknownFails, "what_is_not_there_is_none"),
            (Flaw::WholeParts, "a_part_is_exactly_what_was_asked_for"),
            (Flaw::RefusesLong, "the_longest_addresses_go_with_a_chunk"),
            (Flaw::Backwards, "names_are_listed_in_order"),
            (Flaw::RemovesOnce, "removing_twice_does_no_harm"),
            (Flaw::WritesOnce, "a_removed_chunk_can_be_written_again"),
            (Flaw::Sessions, "sessions_do_not_see_each_other"),
        ],
    ),
    (
        "records",
        &[
            (Flaw::Sites, "sites_do_not_see_each_other"),
            (Flaw::KeepsFirst, "a_later_record_takes_its_place"),
            (Flaw::KeepsAll, "a_removed_record_is_gone_and_no_other"),
            (Flaw::Cuts, "the_largest_record_is_kept"),
            (Flaw::UnknownFails, "what_is_not_there_is_none"),
            (Flaw::RemovesOnce, "removing_twice_does_no_harm"),
            (
                Flaw::RefusesOld,
                "a_record_of_a_session_past_its_days_is_no_failure",
            ),
        ],
    ),
    (
        "index",
        &[
            (Flaw::Sites, "sites_do_not_see_each_other"),
            (Flaw::KeepsAll, "an_erased_row_is_gone_and_no_other"),
            (Flaw::LastWins, "an_earlier_revision_changes_nothing"),
            (
                Flaw::EraseIsDelete,
                "an_erased_session_lets_no_later_row_in",
            ),
            (Flaw::OldestFirst, "the_newest_come_first"),
            (Flaw::IgnoresConditions, "a_filter_takes_what_it_means"),
            (Flaw::ForgetsTies, "every_order_walks_over_every_row_once"),
            (Flaw::KeepsOwnCondition, "facets_count_what_a_filter_takes"),
            (
                Flaw::WholeMonths,
                "what_started_before_the_span_is_left_out",
            ),
            (
                Flaw::EraseIsDelete,
                "what_is_erased_is_known_until_it_is_forgotten",
            ),
            (Flaw::ForgetsVerdicts, "a_verdict_stays"),
            (Flaw::CountsRefused, "who_is_refused_does_not_count"),
            (Flaw::Sites, "sites_have_quotas_and_erasures_of_their_own"),
            (Flaw::Cuts, "a_row_comes_back_whole"),
            (Flaw::UnknownFails, "an_empty_site_has_no_rows"),
            (Flaw::RemovesOnce, "erasing_twice_does_no_harm"),
            (
                Flaw::RemovesOnce,
                "forgetting_what_was_never_there_does_no_harm",
            ),
            (Flaw::Fills, "a_row_without_what_may_be_missing"),
            (Flaw::Narrow, "the_largest_numbers_are_kept"),
            (Flaw::Endless, "no_more_than_the_limit"),
            (Flaw::Repeats, "a_cursor_walks_over_every_row_once"),
            (Flaw::OneMonth, "pages_reach_over_months"),
            (Flaw::OneMonth, "an_empty_month_does_not_end_a_list"),
            (Flaw::OneMonth, "masked_values_are_summed_over_months"),
            (
                Flaw::KeepsFirst,
                "a_later_revision_takes_the_place_of_a_row",
            ),
            (Flaw::KeepsFirst, "the_same_revision_again_is_the_same_row"),
            (
                Flaw::EraseIsDelete,
                "a_session_can_be_erased_before_its_first_row",
            ),
            (Flaw::NeverForgets, "what_is_forgotten_is_let_in_again"),
            (Flaw::CountsAgain, "a_session_counts_once"),
            (Flaw::OneDay, "days_and_months_are_counted_apart"),
        ],
    ),
    (
        "reports",
        &[
            (Flaw::Sites, "nothing_is_said_of_nobody"),
            (Flaw::RowsOnly, "a_report_counts_what_a_filter_takes"),
            (
                Flaw::IgnoresConditions,
                "a_report_counts_what_a_filter_takes",
            ),
            (Flaw::WholeMonths, "a_report_counts_what_a_filter_takes"),
            (Flaw::LastWins, "every_report_follows_every_write"),
            (Flaw::KeepsAll, "every_report_follows_every_write"),
            (
                Flaw::OnlyKnown,
                "a_session_of_which_nothing_is_known_is_counted",
            ),
            (Flaw::NoRanks, "an_example_names_its_session"),
        ],
    ),
    (
        "session",
        &[
            (Flaw::LaggingList, "an_old_record_hides_no_chunk"),
            (
                Flaw::KeepsAll,
                "an_erased_session_leaves_nothing_in_any_store",
            ),
            (
                Flaw::EraseIsDelete,
                "an_erased_session_leaves_nothing_in_any_store",
            ),
            (
                Flaw::EraseIsDelete,
                "a_tombstone_that_is_lost_is_made_again",
            ),
            (
                Flaw::ForgetsVerdicts,
                "a_session_over_its_quota_is_refused_whole",
            ),
            (
                Flaw::KeepsAll,
                "a_record_of_chunks_that_are_gone_is_not_believed",
            ),
        ],
    ),
    (
        "counters",
        &[
            (Flaw::FreeBytes, "a_quota_of_bytes_holds_at_its_edge"),
            (Flaw::CountsRows, "only_what_arrived_counts_as_bytes"),
        ],
    ),
];

#[test]
fn a_broken_promise_is_noticed() {
    for (suite, rows) in NOTICED {
        for (flaw, name) in rows {
            let outcome = run(suite, name, *flaw);
            let is_noticed = outcome.is_some_and(|outcome| outcome.is_err());
            assert!(is_noticed, "{flaw:?}: {suite}::{name}");
        }
    }
}
