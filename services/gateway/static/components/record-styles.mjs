// SPDX-License-Identifier: Apache-2.0

import { sheet } from './dom.mjs';

/** Layout shared by the lists of calls and notes. */
export const recordSheet = sheet(`
  :host { display: block; }
  .card { overflow: clip; }
  header { padding: 16px 18px 12px; }
  .records { list-style: none; padding: 0; }
  .records li { margin: 0; }
  .record { padding: 12px 18px; border-block-start: 1px solid var(--_border); min-height: 68px; }
  .record:focus-visible { outline-offset: -3px; }
  .record.placeholder { display: grid; gap: 8px; align-content: center; }
  .foot:not(:empty) { border-block-start: 1px solid var(--_border); }
  .foot > .placeholder:first-of-type { border: 0; }
  .pad { padding: 12px 18px; }
`);
