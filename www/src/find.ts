// Searching the documentation: which sections hold all words, the best first. Knows no page.

/** `[anchor, heading, text]` */
export type Section = [string, string, string];
/** `[address, title, sections]`, as xtask/src/docs/search.rs writes them. */
export type Page = [string, string, Section[]];

export interface Found {
  address: string;
  title: string;
  heading: string;
  /** Of the text, around the first word that was found. */
  excerpt: string;
}

/** More nobody reads. */
const MOST = 12;
/** Of the text before the word, and of the text in all, characters. */
const BEFORE = 40;
const EXCERPT = 150;

/** What is searched for, word by word. */
export function wordsOf(question: string): string[] {
  const parts = question.toLowerCase().split(/[^\p{L}\p{N}_.-]+/u);
  return parts.map((part) => part.replace(/^[.-]+|[.-]+$/g, '')).filter(Boolean);
}

/** How well `text` answers to `word`: a whole word more than its beginning, that more than a part. */
function fits(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at < 0) return 0;
  const isLetter = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
  if (isLetter(text[at - 1])) return 1;
  return isLetter(text[at + word.length]) ? 2 : 3;
}

/** 0 if a word is nowhere: in the heading it counts most, then in the page's title. */
function scoreOf(words: string[], title: string, heading: string, text: string): number {
  let score = 0;
  for (const word of words) {
    const one = 8 * fits(heading, word) + 4 * fits(title, word) + fits(text, word);
    if (one === 0) return 0;
    score += one;
  }
  return score;
}

function excerptOf(text: string, words: string[]): string {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((at) => at >= 0);
  const from = Math.max(0, Math.min(...places, text.length) - BEFORE);
  const start = places.length === 0 || from === 0 ? 0 : text.indexOf(' ', from) + 1;
  const cut = text.slice(start, start + EXCERPT);
  return `${start > 0 ? '… ' : ''}${cut}${start + EXCERPT < text.length ? ' …' : ''}`;
}

/** The sections that hold all words of `question`. */
export function find(pages: Page[], question: string): Found[] {
  const words = wordsOf(question);
  if (words.length === 0) return [];
  const scored: { score: number; found: Found }[] = [];
  for (const [address, title, sections] of pages) {
    for (const [anchor, heading, text] of sections) {
      const score = scoreOf(words, title.toLowerCase(), heading.toLowerCase(), text.toLowerCase());
      if (score === 0) continue;
      const found = { address: `${address}#${anchor}`, title, heading, excerpt: excerptOf(text, words) };
      // What was decided and why stands behind what is so.
      scored.push({ score: address.startsWith('/docs/adr/') ? score / 4 : score, found });
    }
  }
  return scored.sort((a, b) => b.score - a.score).slice(0, MOST).map(({ found }) => found);
}
