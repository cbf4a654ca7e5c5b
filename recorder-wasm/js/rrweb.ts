/**
 * Numbers of rrweb's protocol. Only the types come from `@rrweb/types`: its enums are
 * objects, and would be in the bundle a second time. tsc compares the numbers with them.
 */
import type { EventType, IncrementalSource, MouseInteractions, NodeType } from '@rrweb/types';

export const FULL_SNAPSHOT: EventType.FullSnapshot = 2;
export const INCREMENTAL: EventType.IncrementalSnapshot = 3;
export const META: EventType.Meta = 4;
export const CUSTOM: EventType.Custom = 5;

export const MUTATION: IncrementalSource.Mutation = 0;

export const INTERACTION: IncrementalSource.MouseInteraction = 2;
export const CLICK: MouseInteractions.Click = 2;
const MOUSE_MOVE: IncrementalSource.MouseMove = 1;
export const INPUT: IncrementalSource.Input = 5;
const TOUCH_MOVE: IncrementalSource.TouchMove = 6;
const DRAG: IncrementalSource.Drag = 12;

/** What only a person does, not a page by itself, also inside of frames. */
export const HUMAN: IncrementalSource[] = [MOUSE_MOVE, TOUCH_MOVE, DRAG];

const STYLE_SHEET_RULE: IncrementalSource.StyleSheetRule = 8;
const STYLE_DECLARATION: IncrementalSource.StyleDeclaration = 13;
const ADOPTED_STYLE_SHEET: IncrementalSource.AdoptedStyleSheet = 15;

/** What changes style sheets, but for their text. */
export const STYLES: IncrementalSource[] = [STYLE_SHEET_RULE, STYLE_DECLARATION, ADOPTED_STYLE_SHEET];

export const ELEMENT: NodeType.Element = 2;
export const TEXT: NodeType.Text = 3;
