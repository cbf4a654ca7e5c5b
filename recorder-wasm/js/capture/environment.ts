/** What the browser says of itself, and the campaign that the page's address names. */
import { short, type End, type Tools } from './tools';

const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'];
const TEXT = 128;

export function environment({ tell }: Tools): End {
  const query = new URLSearchParams(location.search);
  tell('sentiero:environment', {
    language: short(navigator.language, TEXT),
    timezone: short(Intl.DateTimeFormat().resolvedOptions().timeZone, TEXT),
    screen: `${screen.width}x${screen.height}`,
    viewport: `${innerWidth}x${innerHeight}`,
    pixel_ratio: devicePixelRatio,
    color_scheme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
    // The address itself loses its query.
    ...Object.fromEntries(CAMPAIGN.map((name) => [name, short(query.get(name), TEXT)])),
  });
  return () => undefined;
}
