/** `@sentiero/recorder/bundled`: the recorder's files come with the page's own. */
import { files } from './files.js';
import { create } from './load';

export type { MaskMode, Options } from '../config';
export type { PackageOptions, PackagedSentiero } from './load';

export const Sentiero = create(files);
