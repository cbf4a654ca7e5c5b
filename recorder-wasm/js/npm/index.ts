/** `@sentiero/recorder`: loads the recorder from the site's endpoint. */
import { create } from './load';

export type { MaskMode, Options } from '../config';
export type { PackageOptions, PackagedSentiero } from './load';

export const Sentiero = create();
