// SPDX-License-Identifier: Apache-2.0
// PostgreSQL's write-ahead log without the headers of its pages: what was cut in two by one is whole again.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// XLogPageHeaderData and XLogLongPageHeaderData of PostgreSQL's access/xlog_internal.h, aligned.
const pageBytes = 8192;
const infoOffset = 2;
const longHeaderFlag = 0x0002;
const headerBytes = (page) => ((page.readUInt16LE(infoOffset) & longHeaderFlag) === 0 ? 24 : 40);

/** @param {Buffer} segment @returns {Buffer} the records of its pages, one behind the other */
export function withoutPageHeaders(segment) {
  const pages = [];
  for (let at = 0; at < segment.length; at += pageBytes) {
    const page = segment.subarray(at, at + pageBytes);
    pages.push(page.subarray(headerBytes(page)));
  }
  return Buffer.concat(pages);
}

/** Writes all segments of a log directory, in their order, into one file. */
export function joinWal(directory, file) {
  const segments = readdirSync(directory).filter((name) => /^[0-9A-F]{24}$/.test(name)).sort();
  for (const name of segments) appendFileSync(file, withoutPageHeaders(readFileSync(join(directory, name))));
}
