//! What only the browser knows: time and its zone, storage, the address, the
//! clipboard. Every function answers something where the browser refuses.

use crate::model::listing::Moment;
use crate::model::number;
use js_sys::{Date, Object, Reflect};
use sentiero_core::id::Millis;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// The viewer's clock.
pub(crate) fn now() -> Millis {
    number::whole(Date::now())
}

/// Tells who looks at the console, and nobody else.
pub(crate) fn warn(text: &str) {
    leptos::logging::warn!("{text}");
}

/// `at` in full, in the viewer's language and time zone.
pub(crate) fn exact(at: Millis) -> String {
    format(at, &[("dateStyle", "full"), ("timeStyle", "long")])
}

/// The time and the day of the week of `at` in a time zone; none if the browser knows no such.
pub(crate) fn time_in(at: Millis, zone: &str) -> Option<String> {
    let options = [
        ("weekday", "short"),
        ("hour", "numeric"),
        ("minute", "2-digit"),
        ("timeZone", zone),
    ];
    formatted(at, &options)
}

/// `at` as a short date with its time.
pub(crate) fn date(at: Millis) -> String {
    format(at, &[("dateStyle", "medium"), ("timeStyle", "short")])
}

fn format(at: Millis, options: &[(&str, &str)]) -> String {
    formatted(at, options).unwrap_or_else(|| iso(at))
}

fn formatted(at: Millis, options: &[(&str, &str)]) -> Option<String> {
    let date = Date::new(&JsValue::from_f64(number::float(at)));
    let chosen = Object::new();
    for (key, value) in options {
        let _ = Reflect::set(&chosen, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    // An empty list of languages means the viewer's.
    let languages = js_sys::Array::new();
    call(&date, "toLocaleString", &[languages.into(), chosen.into()])?.as_string()
}

/// The day of `at`, short, in the viewer's language.
pub(crate) fn short_day(at: Millis) -> String {
    let Some(date) = date_of(at) else {
        return String::new();
    };
    let chosen = Object::new();
    let _ = Reflect::set(&chosen, &"dateStyle".into(), &"medium".into());
    call(
        &date,
        "toLocaleDateString",
        &[js_sys::Array::new().into(), chosen.into()],
    )
    .and_then(|text| text.as_string())
    .unwrap_or_else(|| day_field(at))
}

fn date_of(at: Millis) -> Option<JsValue> {
    let date = Date::new(&JsValue::from_f64(number::float(at)));
    (!date.get_time().is_nan()).then(|| date.into())
}

fn call(on: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method = Reflect::get(on, &JsValue::from_str(method)).ok()?;
    let method: js_sys::Function = method.dyn_into().ok()?;
    let list: js_sys::Array = arguments.iter().collect();
    Reflect::apply(&method, on, &list).ok()
}

/// The day of `at` where the viewer is, as a field for dates has it: `2026-11-26`.
pub(crate) fn day_field(at: Millis) -> String {
    let date = Date::new(&JsValue::from_f64(number::float(at)));
    format!(
        "{:04}-{:02}-{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date()
    )
}

/// Midnight at the beginning of `day`, as a field for dates has it, or of a day
/// `later` days after it, where the viewer is.
pub(crate) fn day_start(day: &str, later: u32) -> Option<Millis> {
    let mut parts = day.split('-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    midnight(
        year,
        month.checked_sub(1)?,
        i32::try_from(day + later).ok()?,
    )
}

fn midnight(year: u32, month: u32, day: i32) -> Option<Millis> {
    let date = Date::new_with_year_month_day(year, i32::try_from(month).ok()?, day);
    let at = date.get_time();
    (at >= 0.0).then(|| number::whole(at))
}

/// When it is, where the viewer is.
pub(crate) fn moment() -> Moment {
    let date = Date::new_0();
    let now = number::whole(date.get_time());
    let day = i32::try_from(date.get_date()).unwrap_or(1);
    let at = |day: i32| midnight(date.get_full_year(), date.get_month(), day).unwrap_or(now);
    Moment {
        now,
        today: at(day),
        before: at(day - 1),
    }
}

/// What a country is called in the viewer's language; its code, if nobody knows.
pub(crate) fn country(code: &str) -> String {
    let name = || {
        let options = Object::new();
        Reflect::set(&options, &"type".into(), &"region".into()).ok()?;
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let names: js_sys::Function = Reflect::get(&intl, &"DisplayNames".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let arguments = js_sys::Array::of2(&js_sys::Array::new(), &options);
        let names = Reflect::construct(&names, &arguments).ok()?;
        call(&names, "of", &[JsValue::from_str(code)])?.as_string()
    };
    name().unwrap_or_else(|| code.to_owned())
}

/// The browser believes that there is a network.
pub(crate) fn online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// How far the page is scrolled down, px.
pub(crate) fn scrolled() -> f64 {
    window()
        .and_then(|window| window.scroll_y().ok())
        .unwrap_or(0.0)
}

/// Scrolls the page up.
pub(crate) fn scroll_to_top() {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// `at` for machines, as `<time datetime>` wants it.
pub(crate) fn iso(at: Millis) -> String {
    String::from(Date::new(&JsValue::from_f64(number::float(at))).to_iso_string())
}

/// The part of the address after and with `#`.
pub(crate) fn hash() -> String {
    window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}

/// Goes to another screen.
pub(crate) fn go(hash: &str) {
    if let Some(window) = window() {
        let _ = window.location().set_hash(hash);
    }
}

/// Says in the address where we are, without a step in the history.
pub(crate) fn replace(hash: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(hash));
    }
}

/// The address of this page without its hash.
pub(crate) fn page() -> String {
    let href = window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Scheme and host of this page.
pub(crate) fn origin() -> String {
    window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}

/// The content of `<meta name="…">`.
pub(crate) fn meta(name: &str) -> String {
    let element = document().and_then(|document| {
        document
            .query_selector(&format!("meta[name={name}]"))
            .ok()
            .flatten()
    });
    element
        .and_then(|element| element.get_attribute("content"))
        .unwrap_or_default()
}

/// The document.
pub(crate) fn document() -> Option<web_sys::Document> {
    window().and_then(|window| window.document())
}

/// Names the screen in the browser's tab.
pub(crate) fn title(text: &str) {
    if let Some(document) = document() {
        document.set_title(&format!("{text} · Sentiero"));
    }
}

/// The viewer looks at this browser tab.
pub(crate) fn visible() -> bool {
    document()
        .is_none_or(|document| document.visibility_state() == web_sys::VisibilityState::Visible)
}

/// What is kept for this browser; none if nothing, or if storage is off.
pub(crate) fn kept(key: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps `value` for this browser.
pub(crate) fn keep(key: &str, value: Option<&str>) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// What is kept until this browser tab closes.
pub(crate) fn kept_here(key: &str) -> Option<String> {
    window()?.session_storage().ok()??.get_item(key).ok()?
}

/// Keeps `value` until this browser tab closes.
pub(crate) fn keep_here(key: &str, value: Option<&str>) {
    if let Some(storage) = window().and_then(|window| window.session_storage().ok().flatten()) {
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Sets or removes the theme of the whole page.
pub(crate) fn set_theme(theme: Option<&str>) {
    let Some(root) = document().and_then(|document| document.document_element()) else {
        return;
    };
    let _ = match theme {
        Some(theme) => root.set_attribute("data-theme", theme),
        None => root.remove_attribute("data-theme"),
    };
}

/// Copies; whether it worked.
pub(crate) async fn copy(text: &str) -> bool {
    let Some(navigator) = window().map(|window| window.navigator()) else {
        return false;
    };
    // Undefined where the page is not a secure context.
    let clipboard = Reflect::get(&navigator, &JsValue::from_str("clipboard")).ok();
    let Some(clipboard) = clipboard.filter(|clipboard| !clipboard.is_undefined()) else {
        return false;
    };
    let clipboard: web_sys::Clipboard = clipboard.unchecked_into();
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Offers `bytes` of a media type as a download.
pub(crate) fn download(name: &str, kind: &str, bytes: &[u8]) -> Option<()> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    offer(name, &blob)
}

/// Offers what the browser has as a download.
pub(crate) fn offer(name: &str, blob: &web_sys::Blob) -> Option<()> {
    let url = web_sys::Url::create_object_url_with_blob(blob).ok()?;
    let link: web_sys::HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    let _ = web_sys::Url::revoke_object_url(&url);
    Some(())
}

/// 16 random characters, for telling our frame from others.
pub(crate) fn nonce() -> String {
    let mut bytes = [0; 16];
    if let Some(crypto) = window().and_then(|window| window.crypto().ok()) {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
        .into_iter()
        .map(|byte| char::from(b'a' + byte % 26))
        .collect()
}

/// Shows the element full screen, or leaves full screen.
pub(crate) fn toggle_full_screen(element: &web_sys::Element) {
    let Some(document) = document() else { return };
    if document.fullscreen_element().is_some() {
        document.exit_fullscreen();
    } else {
        let _ = element.request_fullscreen();
    }
}

/// Gives the focus to the first element inside of `root` that `which` selects: the
/// first selector of the list that selects anything.
pub(crate) fn focus_in(root: &web_sys::Element, which: &str) {
    let found = which
        .split(", ")
        .find_map(|selector| root.query_selector(selector).ok().flatten());
    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

/// Scrolls what the element is in so far that it is seen, and no further.
pub(crate) fn reveal(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Takes the focus from a button or link that has it.
pub(crate) fn release_focus() {
    let active = document().and_then(|document| document.active_element());
    let control = active.filter(|active| active.matches("button, a").unwrap_or(false));
    if let Some(control) =
        control.and_then(|control| control.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = control.blur();
    }
}

/// The keyboard's focus is on something that uses the key itself.
pub(crate) fn typing(event: &web_sys::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let field = |element: &web_sys::Element| {
        element
            .closest("input, textarea, select, dialog")
            .ok()
            .flatten()
            .is_some()
    };
    event.default_prevented()
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || target.as_ref().is_some_and(field)
}

/// Space and Enter on a focused control operate the control.
pub(crate) fn on_control(event: &web_sys::KeyboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.closest("button, a").ok().flatten().is_some())
}

/// What is in a file that the viewer chose; none if the browser cannot read it.
pub(crate) async fn bytes_of(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer())
        .await
        .ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}
