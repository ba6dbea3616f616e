// SPDX-License-Identifier: Apache-2.0
//
// All Zoom Phone components in one import:
//
//   import { configureZoomPhone } from '/components/index.mjs';
//   configureZoomPhone({ project: 'demo' });
//
// Defines <zoom-phone-integration>, <zoom-call-button>, <zoom-call-dialog>,
// <zoom-call-history>, <zoom-call-notes>; each file's head describes its attributes and events.
// A page needs script-src, style-src, connect-src and img-src 'self'; nothing inline is used.

export { ApiClient, ApiError, newRequestId } from './api-client.mjs';
export { configureZoomPhone, contextOf } from './context.mjs';
export { ZoomCallButton } from './zoom-call-button.mjs';
export { ZoomCallDialog } from './zoom-call-dialog.mjs';
export { ZoomCallHistory } from './zoom-call-history.mjs';
export { ZoomCallNotes } from './zoom-call-notes.mjs';
export { ZoomPhoneIntegration } from './zoom-phone-integration.mjs';
