//! The fields of a site's settings, part by part.

use super::site::Site;
use super::{past, preview};
use crate::model::settings::draft::{YES, word};
use crate::model::settings::setting::Setting;
use crate::ui::field::{Field, field};
use crate::ui::form::{area, option, radios, section};
use crate::ui::html::{Html, html};
use leptos::prelude::*;

/// A field as its setting describes it.
fn line(site: Site, setting: Setting) -> Html {
    let about = setting.about();
    let of = Field {
        label: about.label,
        help: about.help,
        placeholder: about.example,
        kind: "text",
        value: site.field(setting),
        wrong: site.wrong_at(setting),
    };
    if about.list { area(&of) } else { field(&of) }
}

pub(super) fn lines<const N: usize>(site: Site, settings: [Setting; N]) -> Html {
    let all = settings.map(|setting| line(site, setting));
    html! { <div class="form">{all.into_iter().collect_view()}</div> }
}

/// A setting that is so or not.
fn tick(site: Site, setting: Setting) -> Html {
    let about = setting.about();
    let field = site.field(setting);
    let ticked = Signal::derive(move || field.with(|text| text == YES));
    let set = move |on| field.set(word(on).to_owned());
    option(about.label, about.help, ticked, set)
}

fn pair(site: Site, settings: [Setting; 2]) -> Html {
    let all = settings.map(|setting| line(site, setting));
    html! { <div class="form pair">{all.into_iter().collect_view()}</div> }
}

/// Its name, its pages, its bots.
pub(super) fn general(site: Site) -> Html {
    let bots = radios(
        Setting::Bots.about().label,
        &[
            (
                "drop",
                "Leave them out",
                "Crawlers, monitors and headless browsers are told to stop; nothing of them is stored.",
            ),
            (
                "record",
                "Record them like anybody",
                "For a site that your own tests visit.",
            ),
        ],
        site.field(Setting::Bots),
    );
    html! {
        {section("Site", "", lines(site, [Setting::Name, Setting::Origins]))}
        {section("Visitors and pages", "", html! {
            <div class="form">{bots}{line(site, Setting::Routes)}</div>
        })}
    }
}

/// What is masked and taken out, with what that means for a page.
pub(super) fn privacy(site: Site) -> Html {
    let modes = radios(
        Setting::Mask.about().label,
        &[
            (
                "inputs",
                "What is typed",
                "Fields and editable text, anywhere. Texts of the page are shown. The default.",
            ),
            (
                "text",
                "What is typed, and all text",
                "Of pages that show personal data themselves: nothing can be read in a recording.",
            ),
            (
                "none",
                "Secrets only",
                "Passwords, one-time codes, card fields, and what pages mark. Only where nobody types anything personal.",
            ),
        ],
        site.field(Setting::Mask),
    );
    let urls = radios(
        Setting::Urls.about().label,
        &[
            ("strip", "Nothing", "The safest, and the default."),
            (
                "filter",
                "Allowed parameters",
                "Those of which you give the names.",
            ),
            (
                "keep",
                "All that is not denied",
                "Passwords, tokens, e-mails and the like never stay.",
            ),
        ],
        site.field(Setting::Urls),
    );
    let phones = tick(site, Setting::Phones);
    let sharing = [Setting::ShareFiles, Setting::ShareLinks].map(|setting| tick(site, setting));
    let lists = [Setting::Allow, Setting::Deny].map(|setting| line(site, setting));
    html! {
        <div class="with-preview">
            <div>
                {section("Masking", "The edge applies this whatever a page says. A page may mask more, never less.", modes)}
                {section("Redaction", "What is taken out of texts and addresses that are stored.", html! {
                    <div class="form">{phones}{line(site, Setting::Patterns)}</div>
                })}
                {section("Addresses", "", html! {
                    <div class="form">{urls}<div class="pair">{lists.into_iter().collect_view()}</div></div>
                })}
                {section("Sharing", "Both are off unless you turn them on. What is shared shows what was recorded, masked as it is stored; the audit log says who shared.", html! {
                    <div class="form" data-testid="sharing-settings">{sharing.into_iter().collect_view()}</div>
                })}
            </div>
            {preview::view(site)}
        </div>
    }
}

/// How long and how much.
pub(super) fn limits(site: Site) -> Html {
    html! {
        {section("Retention", "What is past is deleted: recording, row, and what was counted of it.", html! {
            {lines(site, [Setting::Retention])}
            {pair(site, [Setting::MaxSessions, Setting::MaxBytes])}
            {past::view(site)}
        })}
        {section("Quotas", "How much may be recorded. It is decided when a session begins: it is taken whole, or not at all.", html! {
            {pair(site, [Setting::PerDay, Setting::PerMonth])}
            {lines(site, [Setting::BytesPerMonth])}
        })}
        {section("Pace", "", lines(site, [Setting::Slow]))}
    }
}
