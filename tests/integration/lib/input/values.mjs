// SPDX-License-Identifier: Apache-2.0
// Values that inputs are tried with.

/** A UUID that names nothing. */
export const unknownId = '6f1b0c5e-8f7a-4f0e-9d53-0a4f7a3f0b11';

export const long = (size) => 'x'.repeat(size);

/** What no text is, and more. */
export const texts = (...more) => [7, true, [], {}, ...more];
