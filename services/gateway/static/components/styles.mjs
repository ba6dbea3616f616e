// SPDX-License-Identifier: Apache-2.0
//
// Shared look of the components. A host page can theme them with the custom properties
// --zp-surface, --zp-text, --zp-muted, --zp-border, --zp-accent, --zp-radius and --zp-font.

import { sheet } from './dom.mjs';

export const baseSheet = sheet(`
  :host {
    --_surface: var(--zp-surface, #fff);
    --_sunken: var(--zp-sunken, #f4f6fa);
    --_text: var(--zp-text, #172033);
    --_muted: var(--zp-muted, #566074);
    --_border: var(--zp-border, #d7dde8);
    --_field: var(--zp-field-border, #7b8699);
    --_accent: var(--zp-accent, #1d4fd7);
    --_accent-strong: var(--zp-accent-strong, #163fae);
    --_on-accent: var(--zp-on-accent, #fff);
    --_success: #05603a; --_success-bg: #e7f6ee;
    --_warning: #7a4100; --_warning-bg: #fff4e0;
    --_danger: #b3201a; --_danger-bg: #fdecea;
    --_info-bg: #eaf0fe;
    --_radius: var(--zp-radius, 12px);
    box-sizing: border-box;
    color: var(--_text);
    color-scheme: light;
    font: 400 15px/1.5 var(--zp-font, system-ui, -apple-system, "Segoe UI", Roboto, "Hiragino Sans", "Noto Sans JP", sans-serif);
  }
  @media (prefers-color-scheme: dark) {
    :host {
      --_surface: var(--zp-surface, #171d2a);
      --_sunken: var(--zp-sunken, #1f2636);
      --_text: var(--zp-text, #e8ecf4);
      --_muted: var(--zp-muted, #a6b0c3);
      --_border: var(--zp-border, #313a4d);
      --_field: var(--zp-field-border, #77839a);
      --_accent: var(--zp-accent, #8fb0ff);
      --_accent-strong: var(--zp-accent-strong, #b3c9ff);
      --_on-accent: var(--zp-on-accent, #0d1526);
      --_success: #7fdcae; --_success-bg: #10301f;
      --_warning: #ffcb7d; --_warning-bg: #38280c;
      --_danger: #ffa8a1; --_danger-bg: #3d1715;
      --_info-bg: #1a2747;
      color-scheme: dark;
    }
  }
  :host([hidden]), [hidden] { display: none !important; }
  *, *::before, *::after { box-sizing: inherit; }
  h2, h3, p, ul, ol, dl, dd { margin: 0; }
  h2 { font-size: 17px; line-height: 1.35; font-weight: 650; letter-spacing: -.005em; }
  h3 { font-size: 15px; line-height: 1.4; font-weight: 650; }
  ul, ol { padding-inline-start: 20px; }
  li + li { margin-block-start: 4px; }
  a { color: var(--_accent); text-underline-offset: 2px; }
  .muted { color: var(--_muted); }
  .small { font-size: 13px; }
  .icon { width: 20px; height: 20px; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
  .visually-hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  :focus { outline: none; }
  :focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; border-radius: 6px; }
  .card { background: var(--_surface); border: 1px solid var(--_border); border-radius: var(--_radius); }
`);

export const controlSheet = sheet(`
  button, .button, select, textarea, input { font: inherit; color: inherit; }
  .button {
    display: inline-flex; align-items: center; justify-content: center; gap: 8px;
    min-height: 40px; padding: 8px 16px; border: 1px solid var(--_field); border-radius: 8px;
    background: var(--_surface); color: var(--_text); font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  }
  .button:hover { background: var(--_sunken); }
  .button.primary { background: var(--_accent); border-color: var(--_accent); color: var(--_on-accent); }
  .button.primary:hover { background: var(--_accent-strong); border-color: var(--_accent-strong); }
  .button.danger { border-color: var(--_danger); color: var(--_danger); }
  .button.danger:hover { background: var(--_danger-bg); }
  .button.quiet { border-color: transparent; background: transparent; color: var(--_accent); padding-inline: 10px; }
  .button.quiet:hover { background: var(--_sunken); }
  .button.compact { min-height: 32px; padding: 4px 10px; font-size: 13px; }
  .button[aria-disabled="true"].busy { opacity: .75; cursor: progress; }
  .button:focus-visible { outline-offset: 2px; border-radius: 8px; }
  .icon-button {
    display: inline-grid; place-items: center; width: 36px; height: 36px; padding: 0;
    border: 0; border-radius: 8px; background: transparent; color: var(--_muted); cursor: pointer;
  }
  .icon-button:hover { background: var(--_sunken); color: var(--_text); }
  .actions { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
  textarea, select {
    border: 1px solid var(--_field); border-radius: 8px; background: var(--_surface); padding: 8px 10px;
  }
  select { min-height: 32px; padding-block: 3px; max-width: 100%; }
  textarea { display: block; width: 100%; min-height: 84px; resize: vertical; line-height: 1.5; }
  textarea:focus-visible, select:focus-visible { outline-offset: 0; border-radius: 8px; }
  textarea[aria-invalid="true"] { border-color: var(--_danger); }
  @media (pointer: coarse) { .button.compact, select { min-height: 40px; } .icon-button { width: 44px; height: 44px; } }
`);

export const feedbackSheet = sheet(`
  .message {
    position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 12px; align-items: start;
    padding: 12px 14px; border-radius: 10px; background: var(--_info-bg);
  }
  .message > .icon { margin-block-start: 1px; }
  .message .content > * + * { margin-block-start: 6px; }
  .message .title { font-weight: 650; }
  .message.success { background: var(--_success-bg); } .message.success > .icon, .message.success .title { color: var(--_success); }
  .message.warning { background: var(--_warning-bg); } .message.warning > .icon, .message.warning .title { color: var(--_warning); }
  .message.error { background: var(--_danger-bg); } .message.error > .icon, .message.error .title { color: var(--_danger); }
  .message > .icon-button { position: absolute; inset-block-start: 5px; inset-inline-end: 5px; }
  .message.dismissible .content > :first-child { padding-inline-end: 34px; }
  .skeleton { display: block; border-radius: 6px; background: var(--_border); opacity: .6; }
  .skeleton.line { height: 14px; } .skeleton.w30 { width: 30%; } .skeleton.w50 { width: 50%; } .skeleton.w70 { width: 70%; }
  .skeleton.button-shape { height: 40px; width: 190px; max-width: 100%; border-radius: 8px; }
  @media (prefers-reduced-motion: no-preference) {
    .skeleton { animation: breathe 1.4s ease-in-out infinite alternate; }
    @keyframes breathe { from { opacity: .35; } to { opacity: .75; } }
  }
  .empty { display: grid; justify-items: center; gap: 4px; padding: 24px 16px; text-align: center; }
  .empty .icon { width: 28px; height: 28px; color: var(--_muted); }
`);

export const dialogSheet = sheet(`
  dialog {
    width: min(440px, calc(100vw - 24px)); max-width: none; max-height: calc(100dvh - 32px); padding: 0; overflow: auto;
    border: 1px solid var(--_border); border-radius: 14px; background: var(--_surface); color: var(--_text);
    box-shadow: 0 20px 50px rgb(10 18 40 / .28); overscroll-behavior: contain;
  }
  dialog::backdrop { background: rgb(12 18 34 / .5); }
  dialog .inner { display: grid; gap: 16px; padding: 22px; }
  dialog .inner > *, dialog .body > * { min-width: 0; }
  dialog h2 { font-size: 19px; overflow-wrap: anywhere; }
  dialog .body { display: grid; gap: 14px; }
  dialog .actions { justify-content: flex-end; }
  @media (max-width: 420px) { dialog .inner { padding: 18px; } dialog .actions > .button { flex: 1 1 40%; } }
  @media (prefers-reduced-motion: no-preference) {
    dialog[open] { animation: rise .14s ease-out; }
    @keyframes rise { from { opacity: 0; transform: translateY(6px); } }
  }
`);
