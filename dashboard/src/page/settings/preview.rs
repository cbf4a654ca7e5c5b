//! What the policy that is typed would store of a sample page, which can be typed into.

use super::site::Site;
use crate::model::settings::preview::{Fate, Piece, Sample, sample, stored};
use crate::ui::Button;
use crate::ui::fresh_id;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use leptos::prelude::*;

pub(super) fn view(site: Site) -> Html {
    let typed = RwSignal::new(sample());
    let shown = Memo::new(move |_| {
        let base = site.base.get();
        let masker = site.draft.with(|draft| draft.masker(&base));
        typed.with(|sample| stored(&masker, sample))
    });
    let piece = |piece: Piece| {
        let found =
            move || shown.with(|shown| shown.iter().find(|shown| shown.piece == piece).cloned());
        let of = Memo::new(move |_| {
            found().map_or((Fate::Masked, String::new()), |shown| {
                (shown.fate, shown.stored)
            })
        });
        row(piece, typed, of)
    };
    let rows = Piece::ALL.map(piece);
    let id = fresh_id();
    html! {
        <section class="card section preview" aria-labelledby=id data-testid="preview">
            <div class="section-head">
                <h2 id=id.clone()>"What would be stored"</h2>
                <p class="section-about">"Type into the sample: the engine that masks in your pages and at the edge runs here, with the settings as they are on this screen, saved or not."</p>
            </div>
            <div class="preview-rows">{rows.into_iter().collect_view()}</div>
            <div class="preview-foot">
                {Button::new("Sample as it was").small().quiet().icon(Icon::Replay).on(move || typed.set(sample()))}
            </div>
        </section>
    }
}

fn row(piece: Piece, typed: RwSignal<Sample>, of: Memo<(Fate, String)>) -> Html {
    let (label, markup) = piece.words();
    let (id, out) = (fresh_id(), fresh_id());
    let value = move || typed.with(|typed| typed.get(&piece).cloned().unwrap_or_default());
    let set = move |text: String| {
        typed.update(|typed| drop(typed.insert(piece, text)));
    };
    let long = matches!(
        piece,
        Piece::Text | Piece::Address | Piece::Note | Piece::Link
    );
    let field = if long {
        html! {
            <textarea
                class="input area"
                id=id.clone()
                rows="2"
                spellcheck="false"
                autocomplete="off"
                prop:value=value
                on:input=move |event| set(event_target_value(&event))
            ></textarea>
        }
    } else {
        html! {
            <input
                class="input"
                id=id.clone()
                type="text"
                spellcheck="false"
                autocomplete="off"
                prop:value=value
                on:input=move |event| set(event_target_value(&event))
            />
        }
    };
    let class = move || match of.with(|(fate, _)| *fate) {
        Fate::Stored => "badge warn",
        Fate::Redacted => "badge",
        Fate::Masked => "badge good",
    };
    html! {
        <div class="preview-row" data-testid="preview-row">
            <label for=id.clone()>{label}<code>{markup}</code></label>
            {field}
            <div class="preview-stored">
                <span class=class>{move || of.with(|(fate, _)| fate.says())}</span>
                <output id=out for=id aria-label=format!("{label}: stored")>{move || of.with(|(_, stored)| stored.clone())}</output>
            </div>
        </div>
    }
}
