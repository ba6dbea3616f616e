// SPDX-License-Identifier: Apache-2.0

import { sheet } from './dom.mjs';

/** Layout of the settings card. */
export const integrationSheet = sheet(`
  :host { display: block; }
  header { display: grid; grid-template-columns: auto 1fr auto; gap: 14px; align-items: start; padding: 20px; }
  .heading > p { margin-block-start: 2px; }
  .logo { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 11px; background: var(--_accent); color: var(--_on-accent); }
  .badge {
    display: inline-flex; align-items: center; gap: 4px; padding: 3px 11px; border-radius: 99px; font-size: 13px; font-weight: 650;
    white-space: nowrap; background: var(--_sunken); color: var(--_muted);
  }
  .badge.waiting { visibility: hidden; width: 110px; }
  .badge .icon { width: 15px; height: 15px; stroke-width: 2.6; }
  .badge.success { background: var(--_success-bg); color: var(--_success); }
  .badge.warning { background: var(--_warning-bg); color: var(--_warning); }
  .result { padding-inline: 20px; }
  .result:not(:empty) { padding-block-end: 18px; }
  .body { display: grid; gap: 18px; padding: 0 20px 20px; min-height: 176px; align-content: start; }
  dialog .body { padding: 0; min-height: 0; }
  .account { display: flex; gap: 14px; align-items: center; padding: 14px 16px; border-radius: 10px; background: var(--_sunken); }
  .account .who { min-width: 0; flex: 1; overflow-wrap: anywhere; line-height: 1.4; }
  .who > .skeleton + .skeleton { margin-block-start: 10px; }
  .account .name { font-weight: 650; }
  .avatar {
    display: grid; place-items: center; flex: none; width: 46px; height: 46px; border-radius: 50%;
    background: var(--_accent); color: var(--_on-accent); font-weight: 650;
  }
  .skeleton.avatar { background: var(--_border); }
  .requirements { display: grid; gap: 6px; }
  code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
  footer { border-block-start: 1px solid var(--_border); padding: 8px 20px; }
  footer details { border-block-end: 1px solid var(--_border); }
  footer details:last-child { border: 0; }
  summary { padding: 10px 2px; cursor: pointer; font-weight: 550; }
  .message summary { padding-block: 2px; }
  details > p, details > .steps { padding: 0 2px 14px; max-width: 66ch; }
  .steps { display: grid; gap: 8px; }
  .consequence { padding: 12px 14px; border-radius: 10px; background: var(--_sunken); border-inline-start: 4px solid var(--_border); }
  .consequence h3 { margin-block-end: 4px; }
  .consequence.deleted { border-color: var(--_danger); }
  .consequence.kept { border-color: var(--_success); }
  @media (max-width: 480px) {
    header { grid-template-columns: auto 1fr; padding: 16px; }
    .badge { grid-column: 2; justify-self: start; }
    .result { padding-inline: 16px; }
    .body { padding: 0 16px 16px; }
    dialog .body { padding: 0; }
    footer { padding-inline: 16px; }
    .body > .actions .button { flex: 1 1 auto; }
  }
`);
