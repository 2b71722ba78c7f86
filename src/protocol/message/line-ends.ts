// SPDX-License-Identifier: Apache-2.0
/** Files, pipes and programs have the line ends of their system; the wire has CRLF (RFC 5321 §2.3.8). */

/** Each CRLF, CR or LF as one CRLF; all other octets stay. */
export function withCrlf(content: Buffer): Buffer {
  return Buffer.from(content.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1')
}
