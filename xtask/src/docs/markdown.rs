//! From Markdown to HTML: headings with anchors, links of the site, tables and code that
//! scroll by themselves.

use std::collections::BTreeMap;
use std::mem;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::links::{Links, Target};
use super::source::Document;

/// A heading of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// 1 to 6.
    pub(super) level: usize,
    /// Its anchor, as forges make it.
    pub(super) id: String,
    /// Without markup.
    pub(super) text: String,
}

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) headings: Vec<Heading>,
}

impl Outline {
    pub(super) fn of(document: &Document) -> Self {
        let mut headings: Vec<Heading> = Vec::new();
        let mut seen = BTreeMap::new();
        let mut open: Option<(usize, String)> = None;
        for event in events(&document.text) {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    open = Some((number(level), String::new()));
                }
                Event::Text(text) | Event::Code(text) => {
                    if let Some((_, written)) = &mut open {
                        written.push_str(&text);
                    }
                }
                Event::End(TagEnd::Heading(_)) => {
                    if let Some((level, text)) = open.take() {
                        let id = distinct(&slug(&text), &mut seen);
                        headings.push(Heading { level, id, text });
                    }
                }
                _ => {}
            }
        }
        Self { headings }
    }

    /// What the document is called.
    pub(super) fn title(&self) -> &str {
        self.headings
            .first()
            .map_or("Untitled", |heading| &heading.text)
    }
}

fn number(level: HeadingLevel) -> usize {
    level as usize
}

fn events(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// An anchor as forges make it: letters, digits, `-` and `_`, spaces as `-`.
pub(super) fn slug(text: &str) -> String {
    let kept = text.trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter if letter.is_alphanumeric() => Some(letter),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The same heading twice gets a number the second time.
fn distinct(id: &str, seen: &mut BTreeMap<String, usize>) -> String {
    let times = seen.entry(id.to_owned()).or_default();
    *times += 1;
    match *times {
        1 => id.to_owned(),
        times => format!("{id}-{}", times - 1),
    }
}

/// A document as HTML.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) html: String,
    /// The text below each heading, for searching; as many as the outline has headings.
    pub(super) sections: Vec<String>,
    /// Files that it shows or leads to: address, path in the repository.
    pub(super) files: BTreeMap<String, String>,
    /// What is wrong with it, each with its name.
    pub(super) problems: Vec<String>,
}

impl Rendered {
    pub(super) fn of(document: &Document, outline: &Outline, links: &Links<'_>) -> Self {
        let mut writer = Writer {
            document,
            outline,
            links,
            heading: 0,
            in_heading: false,
            done: Self::default(),
        };
        if outline
            .headings
            .first()
            .is_none_or(|heading| heading.level != 1)
        {
            writer.complain("it begins with no heading `# …`");
        }
        let written: Vec<Event<'_>> = events(&document.text)
            .flat_map(|event| writer.event(event))
            .collect();
        let mut done = writer.done;
        html::push_html(&mut done.html, written.into_iter());
        done.html = plain(&done.html);
        done
    }
}

/// Goes through a document.
struct Writer<'a> {
    document: &'a Document,
    outline: &'a Outline,
    links: &'a Links<'a>,
    /// How many headings have begun.
    heading: usize,
    in_heading: bool,
    done: Rendered,
}

impl<'a> Writer<'a> {
    fn complain(&mut self, what: &str) {
        self.done
            .problems
            .push(format!("{}: {what}", self.document.source));
    }

    fn event(&mut self, event: Event<'a>) -> Vec<Event<'a>> {
        self.remember(&event);
        match event {
            Event::Start(Tag::Heading { level, .. }) => vec![self.begin_heading(level)],
            Event::End(TagEnd::Heading(level)) => self.end_heading(level),
            Event::Start(mut tag @ (Tag::Link { .. } | Tag::Image { .. })) => {
                if let Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } = &mut tag {
                    *dest_url = self.address(mem::replace(dest_url, "".into()));
                }
                vec![Event::Start(tag)]
            }
            Event::Start(Tag::Table(_)) => vec![raw(SCROLLS), event],
            Event::Start(Tag::CodeBlock(_)) => vec![raw(CODE), event],
            Event::End(TagEnd::Table | TagEnd::CodeBlock) => vec![event, raw("</div>\n")],
            // Comments are for whoever writes, and for tests.
            Event::Html(text) | Event::InlineHtml(text) => self.html(&text),
            event => vec![event],
        }
    }

    fn begin_heading(&mut self, level: HeadingLevel) -> Event<'a> {
        self.in_heading = true;
        let id = self
            .outline
            .headings
            .get(self.heading)
            .map(|heading| CowStr::from(heading.id.clone()));
        self.heading += 1;
        self.done.sections.push(String::new());
        Event::Start(Tag::Heading {
            level,
            id,
            classes: Vec::new(),
            attrs: Vec::new(),
        })
    }

    fn end_heading(&mut self, level: HeadingLevel) -> Vec<Event<'a>> {
        self.in_heading = false;
        let end = Event::End(TagEnd::Heading(level));
        let heading = self
            .heading
            .checked_sub(1)
            .and_then(|at| self.outline.headings.get(at));
        let Some(Heading { id, text, .. }) = heading.filter(|_| self.heading > 1) else {
            return vec![end];
        };
        let link = format!(
            " <a class=\"anchor\" href=\"#{id}\" aria-label=\"Link to this heading: {}\">#</a>",
            escaped(text)
        );
        vec![Event::InlineHtml(link.into()), end]
    }

    /// The address that stands for what is written.
    fn address(&mut self, written: CowStr<'a>) -> CowStr<'a> {
        match self.links.target(self.document, &written) {
            Target::Elsewhere => written,
            Target::Page(address) => address.into(),
            Target::File(address, source) => {
                self.done.files.insert(address.clone(), source);
                address.into()
            }
            Target::Nowhere(why) => {
                self.complain(&why);
                written
            }
        }
    }

    fn html(&mut self, text: &str) -> Vec<Event<'a>> {
        let text = text.trim();
        let is_comment = text.starts_with("<!--") && text.ends_with("-->");
        if !text.is_empty() && !is_comment {
            self.complain(&format!(
                "`{text}` is HTML: write it as Markdown, or as code"
            ));
        }
        Vec::new()
    }

    /// Keeps the text for searching.
    fn remember(&mut self, event: &Event<'_>) {
        let words: &str = match event {
            Event::Text(text) | Event::Code(text) if !self.in_heading => text,
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(TagEnd::TableCell | TagEnd::Paragraph | TagEnd::Item) => " ",
            _ => return,
        };
        if let Some(section) = self.done.sections.last_mut() {
            section.push_str(words);
        }
    }
}

/// A page's policy lets no style through that stands in it; and what has no text is no heading of
/// a column.
fn plain(html: &str) -> String {
    let sides = ["left", "center", "right"].iter();
    let classes = sides.fold(html.to_owned(), |html, side| {
        let (style, class) = (
            format!(" style=\"text-align: {side}\""),
            format!(" class=\"{side}\""),
        );
        let html = html.replace(&style, &class);
        html.replace(&format!("<th{class}></th>"), "<td></td>")
    });
    classes.replace("<th></th>", "<td></td>")
}

/// Around a table: it scrolls by itself, also by keys.
const SCROLLS: &str = "<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\">\n";
/// The same around code.
const CODE: &str = "<div class=\"code\" tabindex=\"0\" role=\"group\" aria-label=\"Code\">\n";

fn raw(html: &'static str) -> Event<'static> {
    Event::Html(html.into())
}

/// `text` as it may stand in HTML and in its attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::docs::documents;

    fn rendered(text: &str) -> Rendered {
        let documents = documents(&[("docs/a.md", text), ("docs/b.md", "# B\n\n## Far")]);
        let outlines: Vec<_> = documents.iter().map(Outline::of).collect();
        let links = Links::new(Path::new("/nowhere"), &documents, &outlines);
        Rendered::of(&documents[0], &outlines[0], &links)
    }

    #[test]
    fn anchors_are_those_of_forges() {
        for (text, expected) in [
            ("What is *not* masked", "what-is-not-masked"),
            ("`core/`", "core"),
            ("Upload, version 1", "upload-version-1"),
            ("The API's requests", "the-apis-requests"),
            ("Größe & Maß", "größe--maß"),
        ] {
            let text = text.replace(['*', '`'], "");
            assert_eq!(slug(&text), expected);
        }
        let outline = Outline::of(&documents(&[("docs/a.md", "# A\n## Figures\n## Figures\n")])[0]);
        let ids: Vec<_> = outline
            .headings
            .iter()
            .map(|heading| heading.id.as_str())
            .collect();
        assert_eq!(ids, ["a", "figures", "figures-1"]);
        assert_eq!(outline.title(), "A");
    }

    #[test]
    fn links_tables_and_code_become_those_of_a_page() {
        let done = rendered(
            "# A\n\nSee [far](b.md#far).\n\n## T & t\n\n| a | |\n|--:|--:|\n| b | c |\n\n```js\nlet a = '<b>';\n```\n",
        );
        assert_eq!(done.problems, Vec::<String>::new());
        for part in [
            "<h1 id=\"a\">A</h1>",
            "<a href=\"/docs/b/#far\">far</a>",
            "<h2 id=\"t--t\">T &amp; t <a class=\"anchor\" href=\"#t--t\" aria-label=\"Link to this heading: T &amp; t\">#</a></h2>",
            "role=\"group\" aria-label=\"Table\">\n<table>",
            "<td></td>",
            "<td class=\"right\">b</td>",
            "</table>\n</div>",
            "<pre><code class=\"language-js\">let a = '&lt;b&gt;';",
        ] {
            assert!(done.html.contains(part), "{part} in {}", done.html);
        }
        assert_eq!(done.sections, ["See far. ", "a  b c let a = '<b>';\n"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_the_name_of_the_document() {
        let done = rendered("Text before.\n\n[x](c.md) <b>bold</b>\n\n<!-- a note -->\n");
        let said = done.problems.join("\n");
        for part in [
            "docs/a.md: it begins with no heading",
            "`c.md`: there is no docs/c.md",
            "`<b>` is HTML",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert_eq!(done.problems.len(), 4, "{said}");
        assert!(
            !done.html.contains("<b>") && !done.html.contains("a note"),
            "{}",
            done.html
        );
    }
}
