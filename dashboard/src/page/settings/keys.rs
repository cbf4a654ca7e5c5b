//! The keys of a site's tag: which there are, making, disabling and removing them.

use super::fetch::Fetch;
use super::site::Site;
use crate::model::failure::Failure;
use crate::model::settings::keys::{Deed, can, state};
use crate::ui::Button;
use crate::ui::dialog::dialog;
use crate::ui::form::section;
use crate::ui::html::{Html, html};
use crate::ui::icon::Icon;
use crate::ui::message::badge;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sentiero_core::id::SiteKey;
use sentiero_core::registry::TagKey;

#[derive(Clone, Copy)]
struct Keys {
    site: Site,
    all: Fetch<Vec<TagKey>>,
    busy: RwSignal<bool>,
    wrong: RwSignal<Option<String>>,
    /// What is asked about before it is done.
    doomed: RwSignal<Option<(SiteKey, Deed)>>,
}

pub(super) fn view(site: Site) -> Html {
    let app = site.app;
    let ask = move || {
        let key = site.key.get_value();
        async move { app.client.keys(&key).await }
    };
    let keys = Keys {
        site,
        all: Fetch::start(app, ask),
        busy: RwSignal::new(false),
        wrong: RwSignal::new(None),
        doomed: RwSignal::new(None),
    };
    let make = Button::new("Make a key")
        .icon(Icon::Plus)
        .off(keys.busy.into())
        .testid("make-key")
        .on(move || keys.perform(None));
    html! {
        {section("Keys of the tag", "", html! {
            <div class="deed">
                <p>"By its key a page says which site it is of. To replace one: make another, put it into the tag, and disable the old one when nothing comes by it any more. What is stored stays, and visits go on."</p>
                {make}
            </div>
            <div role="alert">{move || keys.wrong.get().map(|said| html! { <p class="note bad">{said}</p> })}</div>
            {keys.all.view("Loading keys", move |all| keys.list(&all))}
        })}
        {keys.question()}
    }
}

impl Keys {
    fn list(self, all: &[TagKey]) -> Html {
        let rows = all.iter().map(|key| self.row(key)).collect_view();
        html! {
            <div class="table-scroll">
                <table class="table settings-table">
                    <thead><tr>
                        <th scope="col">"Key"</th><th scope="col">"State"</th>
                        <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    }

    fn row(self, key: &TagKey) -> Html {
        let (class, word) = state(key);
        let id = (key.made == 0).then(|| html! { <span class="under">"The site’s id"</span> });
        let app = self.site.app;
        let copied = key.key.to_string();
        let deeds = can(key).iter().map(|deed| self.button(key, *deed));
        html! {
            <tr data-testid="key-row">
                <th scope="row"><code>{key.key.to_string()}</code>{id}</th>
                <td>{badge(class, None, word.to_owned(), None)}</td>
                <td class="number">
                    <button
                        type="button"
                        class="button small quiet"
                        aria-label=format!("Copy {}", key.key)
                        on:click=move |_| app.copy(copied.clone(), "Key copied")
                    >"Copy"</button>
                    {deeds.collect_view()}
                </td>
            </tr>
        }
    }

    fn button(self, key: &TagKey, deed: Deed) -> Html {
        let (word, asks) = (deed.word(), deed.asks());
        let class = if asks.is_some() {
            "button small quiet bad"
        } else {
            "button small quiet"
        };
        let name = format!("{word} {}", key.key);
        let key = key.key.clone();
        let act = move |_| match asks {
            Some(_) => self.doomed.set(Some((key.clone(), deed))),
            None => self.perform(Some((key.clone(), deed))),
        };
        html! {
            <button type="button" class=class aria-label=name data-testid=deed.testid() disabled=self.busy on:click=act>{word}</button>
        }
    }

    /// The question before something that pages notice.
    fn question(self) -> Html {
        let open = RwSignal::new(false);
        Effect::new(move |_| open.set(self.doomed.with(Option::is_some)));
        Effect::new(move |before: Option<bool>| {
            let now = open.get();
            if before == Some(true) && !now {
                self.doomed.set(None);
            }
            now
        });
        dialog(open, "Keys of the tag", "", move || {
            let Some((key, deed)) = self.doomed.get_untracked() else {
                return Html::empty();
            };
            let (name, said) = (key.to_string(), deed.asks().unwrap_or_default());
            let act = move || {
                self.perform(Some((key.clone(), deed)));
                self.doomed.set(None);
            };
            html! {
                <div class="dialog-body" data-testid="key-dialog">
                    <p><strong><code>{name}</code></strong></p>
                    <p>{said}</p>
                </div>
                <div class="dialog-foot">
                    {Button::new("Cancel").on(move || self.doomed.set(None))}
                    {Button::new(deed.word()).danger().testid("key-confirm").on(act)}
                </div>
            }
        })
    }

    /// Does something to a key; makes one where none is named.
    fn perform(self, what: Option<(SiteKey, Deed)>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.wrong.set(None);
        spawn_local(async move {
            let done = self.ask(what).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(said) => {
                    self.site.app.say(&said);
                    self.all.again();
                    self.site.read_again().await;
                }
                Err(failure) => {
                    self.site.app.heard(&failure);
                    let said = format!("{}. {}", failure.title(), failure.advice());
                    self.wrong.set(Some(said));
                }
            }
        });
    }

    async fn ask(self, what: Option<(SiteKey, Deed)>) -> Result<String, Failure> {
        let (app, site) = (self.site.app, self.site.key.get_value());
        let (client, csrf) = (&app.client, app.csrf());
        let Some((key, deed)) = what else {
            let made = client.make_key(&site, &csrf).await?;
            return Ok(format!("Key {} made", made.key));
        };
        match deed {
            Deed::Enable => client.set_key(&site, &key, true, &csrf).await.map(drop)?,
            Deed::Disable => client.set_key(&site, &key, false, &csrf).await.map(drop)?,
            Deed::Remove => client.remove_key(&site, &key, &csrf).await?,
        }
        Ok(format!("Key {key} {}", deed.done()))
    }
}
